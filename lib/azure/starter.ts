import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import type { AzureTaskShard } from '../contract/azure-tasks';
import type { ITerraformDependable } from '../terraform';
import { fitName } from '../units';
import { subscriptionScope } from './resource-id';

export interface TaskStarterProps {
  readonly plan: Pick<AzureTaskShard, 'names' | 'location' | 'shardName'>;
}

/** What Logic Apps do with jobs, and with those of Automation. */
const ACTIONS = [
  'Microsoft.App/jobs/read',
  'Microsoft.App/jobs/*/read',
  'Microsoft.App/jobs/start/action',
  'Microsoft.Automation/automationAccounts/jobs/read',
];

/**
 * As whom the Logic Apps of a shard start jobs: in the group of the tasks, where nothing else is. One for all of them,
 * since a subscription has 4,000 assignments of roles.
 */
export class TaskStarter extends Construct {
  readonly id: string;
  readonly grant: ITerraformDependable;

  constructor(scope: Construct, id: string, { plan }: TaskStarterProps) {
    super(scope, id);
    const { names, location, shardName } = plan;
    const identity = new UserAssignedIdentity(this, 'Resource', {
      name: fitName(`id-${shardName}-starter`, 128),
      resourceGroupName: names.resourceGroup,
      location,
    });
    const role = new RoleDefinition(this, 'role', {
      name: `${shardName} starter`,
      scope: subscriptionScope(this),
      description: 'what the starter of backup tasks may do',
      permissions: [{ actions: ACTIONS }],
      assignableScopes: [subscriptionScope(this)],
    });
    this.id = identity.id;
    this.grant = new RoleAssignment(this, 'grant', {
      scope: `${subscriptionScope(this)}/resourceGroups/${names.resourceGroup}`,
      roleDefinitionId: role.roleDefinitionResourceId,
      principalId: identity.principalId,
      principalType: 'ServicePrincipal',
      skipServicePrincipalAadCheck: true,
    });
  }
}
