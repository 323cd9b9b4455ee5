import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import type { Construct } from 'constructs';
import { input } from '../input';

const PRINCIPALS = 'primary_principals';
const RANGES = 'primary_ranges';

/** Ranges of addresses from which the primary reaches what is closed, as an expression. */
export const PRIMARY_RANGES = `\${var.${RANGES}}`;

/** As whom the primary comes here. It is somebody else's machine, so whoever deploys says who it is. */
export function primaryInputs(scope: Construct, { archives }: { readonly archives: boolean }): void {
  input(scope, PRINCIPALS, {
    type: 'list(string)',
    default: [],
    description: `Object ids of the identities of the primary in this tenant: they read the lease${archives ? ' and write the archive' : ''}, and nothing else. None: the primary sees no lease, and nothing stops it when the site takes over.`,
    checks: [
      {
        condition: `\${alltrue([for one in var.${PRINCIPALS} : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", one))])}`,
        errorMessage: 'each is the object id of an identity, in lower case',
      },
    ],
  });
  if (!archives) return;
  input(scope, RANGES, {
    type: 'list(string)',
    default: [],
    description:
      'Public IPv4 addresses or ranges (/30 or larger) from which the primary writes its log. None: nobody outside of the site reaches the archive.',
    checks: [
      {
        condition: `\${alltrue([for one in var.${RANGES} : can(regex("^[0-9]{1,3}([.][0-9]{1,3}){3}(/([0-9]|[12][0-9]|30))?$", one)) && !can(regex("^(10|192[.]168|172[.](1[6-9]|2[0-9]|3[01]))[.]", one))])}`,
        errorMessage: 'each is a public IPv4 address such as 203.0.113.7, or a range such as 203.0.113.0/24',
      },
    ],
  });
}

/** Gives the primary a role of Azure's own on one container. */
export function grantPrimary(
  scope: Construct,
  id: string,
  { containerId, role }: { readonly containerId: string; readonly role: string },
): void {
  const grant = new RoleAssignment(scope, id, {
    scope: containerId,
    roleDefinitionName: role,
    principalId: `\${var.${PRINCIPALS}[count.index]}`,
  });
  grant.addOverride('count', `\${length(var.${PRINCIPALS})}`);
}
