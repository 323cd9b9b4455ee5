import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { Construct } from 'constructs';
import { deployerId } from '../resource-id';
import { addRunner } from '../task-config';
import type { RunnerFile } from '../task-config';
import type { SiteLease } from './lease';

export interface RunnerObjectProps {
  readonly lease: SiteLease;
  readonly runner: RunnerFile;
}

const CONTAINER = 'runner';

/** The runner, where machines of a site get it: a site needs nothing that lies with the primary. */
export class RunnerObject extends Construct {
  readonly url: string;
  readonly sha256: string;
  /** Id of the container, as the scope of roles. */
  readonly containerId: string;

  constructor(scope: Construct, id: string, { lease, runner }: RunnerObjectProps) {
    super(scope, id);
    const { account, name: accountName } = lease.store;
    const made = new StorageContainer(this, 'Resource', {
      name: CONTAINER,
      storageAccountId: account.id,
      containerAccessType: 'private',
      lifecycle: { preventDestroy: true },
    });
    this.containerId = `${account.id}/blobServices/default/containers/${CONTAINER}`;
    const writes = new RoleAssignment(this, 'deployer', {
      scope: this.containerId,
      roleDefinitionName: 'Storage Blob Data Contributor',
      principalId: deployerId(this),
      description: 'lets the deploying identity write the runner',
      dependsOn: [made],
    });
    const file = addRunner(this, 'file', { account: accountName, resourceGroup: '', container: CONTAINER }, runner);
    file.blob.node.addDependency(writes);
    this.url = `https://${accountName}.blob.core.windows.net/${CONTAINER}/${file.name}`;
    this.sha256 = file.sha256;
  }
}
