import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import type { ITerraformDependable } from '../../terraform';
import { grantSecret } from '../task-role';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';

export interface SiteIdentityProps {
  readonly frame: SiteFrame;
  /** Containers that it reads whole, as scopes of roles, by a word for each. */
  readonly reads: Readonly<Record<string, string>>;
  /** Name of the one secret that it reads, as the vault has it. @default - none */
  readonly secret?: string;
}

/** As whom the database machines of a site ask: for their secret, their archive and the lease, and for nothing else. */
export class SiteIdentity extends Construct {
  readonly id: string;
  readonly clientId: string;
  readonly principalId: string;
  /** What has to be there before a machine starts: it asks at once. */
  readonly grants: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, reads, secret }: SiteIdentityProps) {
    super(scope, id);
    const identity = new UserAssignedIdentity(this, 'Resource', {
      ...placeOf(frame),
      name: `${frame.site.prefix}-database`,
    });
    const { principalId } = identity;
    this.id = identity.id;
    this.clientId = identity.clientId;
    this.principalId = principalId;
    this.grants = [
      ...Object.entries(reads).map(
        ([word, container]) =>
          new RoleAssignment(this, `reads_${word}`, {
            scope: container,
            roleDefinitionName: 'Storage Blob Data Reader',
            principalId,
            principalType: 'ServicePrincipal',
            skipServicePrincipalAadCheck: true,
          }),
      ),
      ...(secret === undefined ? [] : [grantSecret(this, 'secret', { secret, principalId })]),
    ];
  }
}
