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

/** The backup storage of one Azure subscription: group, keys, accounts with their containers, request logs. */
export class AzureBackupStack extends TerraformStack {
  constructor(scope: Construct, plan: AzureStack) {
    super(scope, plan.name);
    frameStack(this, plan);
    addStorageProvider(this, plan);

    const group = addResourceGroup(this, plan);
    const keys = new Map(plan.keys.map((key) => [key.id, new EncryptionKey(this, `key_${key.id}`, { key, group })]));
    const stores = plan.accounts.map((account) => {
      const key = keys.get(account.keyId);
      if (key === undefined) {
        throw new Error(`account ${account.name} names a key that the plan does not have: ${account.keyId}`);
      }
      return new BackupStore(this, `store_${account.name}`, { account, group, key });
    });
    new Diagnostics(this, 'diagnostics', { logs: plan.logs, group, stores });
  }
}
