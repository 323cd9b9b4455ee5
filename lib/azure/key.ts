import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import type { AzureKey } from '../contract/azure-storage';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { fitName } from '../units';
import { createKey, findKey } from './vault';

export interface EncryptionKeyProps {
  readonly key: AzureKey;
  /** Group and location of the identity, and of the vault when it is made here. */
  readonly group: ResourceGroup;
}

/** Longest name of a user assigned identity. */
const MAX_IDENTITY_NAME = 128;

/**
 * A customer-managed key of storage accounts, and the identity that may use it. The identity's role covers this one
 * key and nothing else in the vault. Roles count only in a vault whose permission model is Azure RBAC.
 * @see https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview
 * @see https://learn.microsoft.com/azure/key-vault/general/rbac-guide
 */
export class EncryptionKey extends Construct {
  /** Key id without a version. */
  readonly url: string;
  readonly identity: UserAssignedIdentity;
  /** What has to exist before an account can use the key. */
  readonly grant: ITerraformDependable;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const { key, group } = props;

    this.identity = new UserAssignedIdentity(this, 'identity', {
      // Of the node and not of the key: the same identity goes on when the node's key becomes another one.
      name: fitName(`cmk-${key.id.replace(/[^A-Za-z0-9_-]+/g, '-')}`, MAX_IDENTITY_NAME),
      resourceGroupName: group.name,
      location: group.location,
    });
    nodeComment(this.identity, [key.id]);

    const home = key.kind === 'existing' ? findKey(this, key) : createKey(this, key, group);
    this.url = home.url;

    const grant = new RoleAssignment(this, 'grant', {
      scope: home.scope,
      roleDefinitionName: 'Key Vault Crypto Service Encryption User',
      principalId: this.identity.principalId,
      principalType: 'ServicePrincipal',
      // The identity is seconds old: Entra ID may not know it everywhere yet.
      skipServicePrincipalAadCheck: true,
      description: `lets the backup storage wrap and unwrap its keys with ${key.keyName}`,
      // When the key becomes another one, storage still unwraps with the old one until the account has changed over.
      lifecycle: { createBeforeDestroy: true },
    });
    nodeComment(grant, [key.id]);
    this.grant = grant;
  }
}
