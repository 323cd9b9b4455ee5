import type { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { Construct } from 'constructs';
import type { AzureTask } from '../contract/azure-tasks';
import { nodeComment } from '../terraform';
import { input } from './input';
import { containerId } from './resource-id';
import { hostRights } from './rights';
import { grantSecret, storeRights } from './task-role';
import type { TaskRoles } from './task-roles';

export interface HostWritersProps {
  readonly task: AzureTask;
  readonly roles: TaskRoles;
  /** Name of the variable with who they are. */
  readonly variable: string;
}

const OBJECT_ID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/**
 * What hosts may do that take a task's backups by their own timers: each has an identity of its own, that of the virtual
 * machine or of its machine of Azure Arc. None has a key of ours.
 * @see https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */
export class HostWriters extends Construct {
  constructor(scope: Construct, id: string, { task, roles, variable }: HostWritersProps) {
    super(scope, id);
    input(this, variable, {
      type: 'list(string)',
      description: `Who the hosts of ${task.task} are: object ids of the identities of their virtual machines, or of their machines of Azure Arc.`,
      checks: [
        {
          condition: `\${length(var.${variable}) > 0}`,
          errorMessage: `give the identity of the host that ${task.task} is on`,
        },
        {
          condition: `\${alltrue([for one in var.${variable} : can(regex("${OBJECT_ID}", one))])}`,
          errorMessage: 'each is the object id of an identity, in lower case',
        },
      ],
    });
    const principalId = `\${var.${variable}[count.index]}`;
    for (const grant of hostGrants(this, { task, roles, principalId })) {
      grant.addOverride('count', `\${length(var.${variable})}`);
      nodeComment(grant, [task.id]);
    }
  }
}

/** What the identity of a host gets for a task: to write its backups, to read its ledger, and the secret of its source. */
export function hostGrants(
  scope: Construct,
  { task, roles, principalId }: { readonly task: AzureTask; readonly roles: TaskRoles; readonly principalId: string },
): readonly RoleAssignment[] {
  return [
    ...storeRights(task.task, task.stores, hostRights).map(({ store, rights }) =>
      roles.grant(scope, `store_${store.account}_${store.container}`, {
        role: 'writer',
        rights,
        containerId: containerId(scope, store),
        principalId,
      }),
    ),
    ...(task.secret === undefined ? [] : [grantSecret(scope, 'secret', { secret: task.secret, principalId })]),
  ];
}
