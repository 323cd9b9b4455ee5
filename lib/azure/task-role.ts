import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import type { AzureTaskShard, AzureTaskStore } from '../contract/azure-tasks';
import { fitName } from '../units';
import { containerId } from './resource-id';
import { configRights } from './rights';
import { SECRETS_VAULT } from './secrets-vault';
import type { BlobRights, TaskContainer } from './rights';
import type { TaskRoleName, TaskRoles } from './task-roles';

export interface TaskRoleProps {
  readonly plan: Pick<AzureTaskShard, 'names' | 'location' | 'config' | 'shardName'>;
  /** Name of what runs as this identity. */
  readonly name: string;
  readonly roles: TaskRoles;
  /** Containers of backups, with what the identity may do there. */
  readonly stores: readonly { readonly store: AzureTaskStore; readonly rights: BlobRights }[];
  readonly role: Exclude<TaskRoleName, 'reader'>;
  /** Names of the files of the configuration that it reads. */
  readonly files: readonly string[];
}

/** One identity: nobody else has its rights, and they live and die with it. */
export class TaskRole extends Construct {
  readonly identity: UserAssignedIdentity;

  constructor(scope: Construct, id: string, { plan, name, roles, stores, role, files }: TaskRoleProps) {
    super(scope, id);
    this.identity = new UserAssignedIdentity(this, 'Resource', {
      name: fitName(`id-${plan.shardName}-${name}`, 128),
      resourceGroupName: plan.names.resourceGroup,
      location: plan.location,
    });
    const { principalId } = this.identity;
    for (const { store, rights } of stores) {
      roles.grant(this, `store_${store.account}_${store.container}`, {
        role,
        rights,
        containerId: containerId(this, store),
        principalId,
      });
    }
    roles.grant(this, 'config', {
      role: 'reader',
      rights: configRights(files),
      containerId: containerId(this, plan.config),
      principalId,
    });
  }

  /** Lets it read one secret of the operator's vault. */
  readSecret(secret: string): void {
    grantSecret(this, 'secret', { secret, principalId: this.identity.principalId });
  }
}

/** A role on the one secret, not on its vault. https://learn.microsoft.com/azure/key-vault/general/rbac-guide */
export function grantSecret(
  scope: Construct,
  id: string,
  { secret, principalId }: { readonly secret: string; readonly principalId: string },
): RoleAssignment {
  return new RoleAssignment(scope, id, {
    scope: `${SECRETS_VAULT}/secrets/${secret}`,
    roleDefinitionName: 'Key Vault Secrets User',
    principalId,
    principalType: 'ServicePrincipal',
    skipServicePrincipalAadCheck: true,
  });
}

/** The containers of a task, with rights made for each. */
export function storeRights(
  dataSet: string,
  stores: readonly AzureTaskStore[],
  rights: (container: TaskContainer) => BlobRights,
): TaskRoleProps['stores'] {
  return stores.map((store) => ({ store, rights: rights({ prefixes: store.prefixes, dataSet }) }));
}
