import { DataAzurermResources } from '@cdktf/provider-azurerm/lib/data-azurerm-resources';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { KeyVaultKey } from '@cdktf/provider-azurerm/lib/key-vault-key';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import type { Construct } from 'constructs';
import type { AzureKey } from '../contract/azure-storage';
import { nodeComment } from '../terraform';
import { findDeployer } from './deployer';

export interface KeyHome {
  /** Key id without a version, so that the account follows each rotation by itself. */
  readonly url: string;
  /** Resource id of the key, which the identity's role is scoped to. */
  readonly scope: string;
}

/** RSA size that NIST SP 800-57 takes for data that has to stay secret beyond 2030. */
const KEY_BITS = 3072;
/** Days in which a deleted vault or key can be recovered: Key Vault's maximum. */
const VAULT_SOFT_DELETE_DAYS = 90;

/** The vault's resource group is not in its URL, so it is looked up by its name, which is unique in Azure. */
export function findKey(scope: Construct, key: Extract<AzureKey, { kind: 'existing' }>): KeyHome {
  const vaults = new DataAzurermResources(scope, 'vault', {
    type: 'Microsoft.KeyVault/vaults',
    name: key.vaultName,
    lifecycle: {
      postcondition: [
        {
          condition: '${length(self.resources) == 1}',
          errorMessage:
            `key vault ${key.vaultName} is not in the subscription of this stack, or the deploying identity ` +
            `can not read it. The provider encrypts storage only with a vault of the same subscription.`,
        },
      ],
    },
  });
  return {
    url: `${key.vaultUrl}/keys/${key.keyName}`,
    scope: `${vaults.resources.get(0).id}/keys/${key.keyName}`,
  };
}

/** A vault of its own with the key in it, and the right of whoever deploys to make that key. */
export function createKey(
  scope: Construct,
  key: Extract<AzureKey, { kind: 'created' }>,
  group: ResourceGroup,
): KeyHome {
  const deployer = findDeployer(scope);
  const vault = new KeyVault(scope, 'vault', {
    name: key.vaultName,
    resourceGroupName: group.name,
    location: group.location,
    tenantId: deployer.identity.tenantId,
    skuName: 'standard',
    rbacAuthorizationEnabled: true,
    // Storage refuses a vault without both: without the key nobody can read the backups.
    // No lock beside them: it would also keep the deploying identity's role from being handed to the next one.
    purgeProtectionEnabled: true,
    softDeleteRetentionDays: VAULT_SOFT_DELETE_DAYS,
    // Storage reaches the vault as a trusted service.
    // https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints#trusted-services
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', ipRules: deployer.addresses.listValue },
    lifecycle: { preventDestroy: true },
  });
  // Owner of a subscription is a right to manage vaults, not to use them: in RBAC mode keys are data, and whoever
  // deploys has to be given the right to make one. The grant takes minutes to reach the vault now and then; a
  // first apply that ends with 403 at the key is finished by a second one.
  const officer = new RoleAssignment(scope, 'officer', {
    scope: vault.id,
    roleDefinitionName: 'Key Vault Crypto Officer',
    principalId: deployer.identity.objectId,
    description: `lets the deploying identity create and rotate ${key.keyName}`,
  });

  const created = new KeyVaultKey(scope, 'Resource', {
    name: key.keyName,
    keyVaultId: vault.id,
    keyType: 'RSA',
    keySize: KEY_BITS,
    // All that storage asks of its key.
    keyOpts: ['unwrapKey', 'wrapKey'],
    // Yearly, and without an expiry: an expired key would stop backups, and old ones could not be read.
    // https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation
    rotationPolicy: { automatic: { timeAfterCreation: 'P1Y' } },
    dependsOn: [officer],
    lifecycle: { preventDestroy: true },
  });
  for (const resource of [vault, officer, created]) {
    nodeComment(resource, [key.id]);
  }
  return { url: created.versionlessId, scope: created.resourceVersionlessId };
}
