import { complain, mustBe, mustBeWithin, mustMatch, type OwnRule } from '../rule';
import { isOfSite, literalsAt, referencedAddress, resourcesOf, valueAt, type StackJson } from '../stack-json';

/** Built-in roles that our templates name; a typo is found by nobody before the service looks it up. */
const ROLES =
  /^(?:AcrPull|Key Vault Crypto Officer|Key Vault Crypto Service Encryption User|Key Vault Secrets User|Storage Blob Data (?:Contributor|Reader))$/;
/** Without a version, so that the account follows the key's rotation. */
const KEY_URL = /^https:\/\/[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\.vault\.azure\.net\/keys\/[0-9a-zA-Z-]{1,127}$/;

/** Those of a recovery site are encrypted with keys of the service: what they hold is gone when the site is. */
const accountsOfBackups = (stack: StackJson) =>
  resourcesOf(stack, 'azurerm_storage_account').filter((account) => !isOfSite(account));

/** https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview */
export const azureKeyRules: readonly OwnRule[] = [
  {
    id: 'azure-account-key',
    refusedBy: 'service',
    check: (stack) =>
      accountsOfBackups(stack).flatMap((account) => [
        ...mustMatch(account, 'customer_managed_key.key_vault_key_id', KEY_URL, 'is no key without a version'),
        ...(/UserAssigned$/.test(String(valueAt(account.body, 'identity.type'))) &&
        valueAt(account.body, 'customer_managed_key.user_assigned_identity_id') !== undefined
          ? []
          : [complain(account, 'has to use its key with a user assigned identity')]),
      ]),
  },
  {
    id: 'azure-key-grant',
    refusedBy: 'service',
    check: (stack) => {
      const granted = resourcesOf(stack, 'azurerm_role_assignment').map(({ body }) =>
        referencedAddress(body.principal_id),
      );
      return accountsOfBackups(stack)
        .filter(({ body }) => {
          const identity = valueAt(body, 'customer_managed_key.user_assigned_identity_id');
          return !granted.includes(referencedAddress(identity));
        })
        .map((account) => complain(account, 'is made without its identity being granted the key'));
    },
  },
  {
    id: 'azure-vault-name',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_key_vault').flatMap((vault) =>
        mustMatch(
          vault,
          'name',
          /^(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
          'has to be 3 to 24 letters, digits and single hyphens, a letter first',
        ),
      ),
  },
  {
    id: 'azure-vault-keeps-keys',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_key_vault').flatMap((vault) => [
        ...mustBe(vault, 'purge_protection_enabled', true),
        ...mustBeWithin(vault, 'soft_delete_retention_days', 7, 90),
      ]),
  },
  {
    id: 'azure-key-name',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_key_vault_key').flatMap((key) =>
        mustMatch(key, 'name', /^[0-9a-zA-Z-]{1,127}$/, 'has to be 1 to 127 letters, digits and hyphens'),
      ),
  },
  {
    id: 'azure-identity-name',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_user_assigned_identity').flatMap((identity) =>
        mustMatch(
          identity,
          'name',
          /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/,
          'has to be 3 to 128 letters, digits, hyphens and underscores',
        ),
      ),
  },
  {
    id: 'azure-role-name',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_role_assignment')
        .filter(({ body }) => literalsAt(body, 'role_definition_name').some((role) => !ROLES.test(role)))
        .map((role) => complain(role, `role "${String(valueAt(role.body, 'role_definition_name'))}" is not known`)),
  },
];
