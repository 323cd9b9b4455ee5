import type { Construct } from 'constructs';
import {
  addResourceGroup,
  addStorageProvider,
  BackupStore,
  Diagnostics,
  EncryptionKey,
  type AzureStack,
} from '../../lib/azure';
import { frameStack, TerraformStack } from '../../lib/terraform';

/** The backup storage of one Azure subscription: group, key, accounts with their containers, request logs. */
export class AzureBackupStack extends TerraformStack {
  constructor(scope: Construct, plan: AzureStack) {
    super(scope, plan.name);
    frameStack(this, plan);
    addStorageProvider(this, plan);

    const group = addResourceGroup(this, plan);
    const key = new EncryptionKey(this, 'key', { key: plan.key, group });
    const stores = plan.accounts.map(
      (account) => new BackupStore(this, `store_${account.name}`, { account, group, key }),
    );
    new Diagnostics(this, 'diagnostics', { logs: plan.logs, group, stores });
  }
}
