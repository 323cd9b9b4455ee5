import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import type { AzureReader } from '../contract/azure-readers';
import { nodeComment } from '../terraform';
import { grantBlobs } from './blob-grant';
import { BLOB_ACTIONS } from './condition';
import { input } from './input';
import { containerId, subscriptionScope } from './resource-id';
import { readerRights } from './rights';

export interface CopyReaderProps {
  readonly reader: AzureReader;
  readonly group: ResourceGroup;
  readonly role: RoleDefinition;
}

/** What readers may do with blobs, under the conditions of their assignments. */
export function addReaderRole(scope: Construct, name: string): RoleDefinition {
  const { actions } = readerRights({ prefixes: [], dataSets: [] });
  return new RoleDefinition(scope, 'reader', {
    name,
    scope: subscriptionScope(scope),
    description: 'what copy jobs of other clouds may do with blobs, under the conditions of their assignments',
    permissions: [{ dataActions: actions.map((action) => BLOB_ACTIONS[action]) }],
    assignableScopes: [subscriptionScope(scope)],
  });
}

/** Entra ID wants this audience in every token that is not its own. */
const AUDIENCE = 'api://AzureADTokenExchange';
/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations */
const MOST_SUBJECTS = 20;

/**
 * What copy jobs of another cloud act as here: they show a token that their own cloud signed, and no key exists that
 * could be lost. It reads what it copies, and the ledger that says what counts. Who the jobs are is known when they
 * exist: until then nobody is let in.
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity
 */
export class CopyReader extends Construct {
  readonly identity: UserAssignedIdentity;

  constructor(scope: Construct, id: string, { reader, group, role }: CopyReaderProps) {
    super(scope, id);
    const { cloud } = reader;
    this.identity = new UserAssignedIdentity(this, 'Resource', {
      name: reader.identity,
      resourceGroupName: group.name,
      location: group.location,
    });
    nodeComment(this.identity, [reader.id]);
    const subjects = `${cloud}_copier_subjects`;
    input(this, subjects, {
      type: 'list(string)',
      default: [],
      description:
        cloud === 'google'
          ? 'unique ids of the service accounts of the copy jobs on Google: the output copier_subjects of its stacks'
          : 'ARNs of the roles of the copy jobs on AWS',
      checks: [
        {
          condition: `\${length(var.${subjects}) <= ${MOST_SUBJECTS}}`,
          errorMessage: `an identity knows at most ${MOST_SUBJECTS} subjects`,
        },
      ],
    });
    const one = new FederatedIdentityCredential(this, 'trust', {
      name: `${cloud}-copier-\${count.index}`,
      resourceGroupName: group.name,
      parentId: this.identity.id,
      audience: [AUDIENCE],
      issuer: this.#issuer(cloud),
      subject: `\${var.${subjects}[count.index]}`,
    });
    one.addOverride('count', `\${length(var.${subjects})}`);
    for (const store of reader.stores) {
      grantBlobs(this, `store_${store.account}_${store.container}`, {
        containerId: containerId(this, store),
        roleDefinitionId: role.roleDefinitionResourceId,
        principalId: this.identity.principalId,
        rights: readerRights(store),
      });
    }
  }

  /** Google has one for all; an account of AWS has its own, once outbound federation is on. */
  #issuer(cloud: AzureReader['cloud']): string {
    if (cloud === 'google') return 'https://accounts.google.com';
    const issuer = input(this, 'aws_copier_issuer', {
      type: 'string',
      default: 'https://nobody.invalid',
      description:
        'issuer of the tokens of the AWS account: aws iam get-outbound-web-identity-federation-info --query IssuerIdentifier',
      checks: [
        {
          condition: '${startswith(var.aws_copier_issuer, "https://")}',
          errorMessage: 'an issuer is an https:// address',
        },
      ],
    });
    return issuer.stringValue;
  }
}
