import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import type { ITerraformDependable } from '../../terraform';
import { subscriptionScope } from '../resource-id';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';

export interface SiteOperatorProps {
  readonly frame: SiteFrame;
  /** What it does, as the end of its name. */
  readonly does: string;
  /** What it may do with resources of the site's group, and nowhere else. */
  readonly actions: readonly string[];
  /** Roles of Azure's own on containers of blobs, by a word for each. */
  readonly containers: Readonly<Record<string, { readonly scope: string; readonly role: string }>>;
}

/** As whom a flow of a site acts. */
export class SiteOperator extends Construct {
  readonly id: string;
  readonly grants: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, does, actions, containers }: SiteOperatorProps) {
    super(scope, id);
    const { site, group } = frame;
    const name = `${site.prefix}-${does}`;
    const identity = new UserAssignedIdentity(this, 'Resource', { ...placeOf(frame), name });
    this.id = identity.id;
    const role = new RoleDefinition(this, 'role', {
      name,
      scope: subscriptionScope(this),
      description: `what the flow ${does} of the recovery site ${site.name} may do`,
      permissions: [{ actions: [...actions] }],
      assignableScopes: [subscriptionScope(this)],
    });
    const who = {
      principalId: identity.principalId,
      principalType: 'ServicePrincipal',
      skipServicePrincipalAadCheck: true,
    };
    this.grants = [
      new RoleAssignment(this, 'grant', { ...who, scope: group.id, roleDefinitionId: role.roleDefinitionResourceId }),
      ...Object.entries(containers).map(
        ([word, container]) =>
          new RoleAssignment(this, `in_${word}`, {
            ...who,
            scope: container.scope,
            roleDefinitionName: container.role,
          }),
      ),
    ];
  }
}

/** To start and stop machines, and to run scripts on them. */
export const MACHINE_ACTIONS = [
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.Compute/virtualMachines/instanceView/read',
  'Microsoft.Compute/virtualMachines/start/action',
  'Microsoft.Compute/virtualMachines/deallocate/action',
  'Microsoft.Compute/virtualMachines/runCommands/read',
  'Microsoft.Compute/virtualMachines/runCommands/write',
  'Microsoft.Compute/virtualMachines/runCommands/delete',
];
