import { complain, mustBe, mustBeWithin, mustMatch, type OwnRule } from '../rule';
import { asObject, isOfSite, literalsAt, resourcesOf, valueAt, type JsonValue, type StackJson } from '../stack-json';

const accounts = (stack: StackJson) => resourcesOf(stack, 'azurerm_storage_account');
const containers = (stack: StackJson) => resourcesOf(stack, 'azurerm_storage_container');

/** An address alone, or a range up to /30: the provider refuses /31 and /32. */
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4_RANGE = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}(?:/(?:[12]?\\d|30))?$`);
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;

/** What a storage account of backups has to say, whatever the plan is; nobody refuses the opposite. */
const SAFE_ACCOUNT: readonly (readonly [string, JsonValue])[] = [
  ['account_kind', 'StorageV2'],
  ['min_tls_version', 'TLS1_2'],
  ['https_traffic_only_enabled', true],
  ['shared_access_key_enabled', false],
  ['allow_nested_items_to_be_public', false],
  ['cross_tenant_replication_enabled', false],
  ['blob_properties.versioning_enabled', true],
  ['network_rules.default_action', 'Deny'],
];

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage */
export const azureStorageRules: readonly OwnRule[] = [
  {
    id: 'azure-account-name',
    refusedBy: 'provider',
    check: (stack) =>
      accounts(stack).flatMap((account) =>
        mustMatch(account, 'name', /^[a-z0-9]{3,24}$/, 'has to be 3 to 24 lower case letters and digits'),
      ),
  },
  {
    id: 'azure-replication',
    refusedBy: 'provider',
    check: (stack) =>
      accounts(stack).flatMap((account) =>
        mustMatch(account, 'account_replication_type', /^(?:LRS|ZRS|GRS|RAGRS|GZRS|RAGZRS)$/, 'is no replication'),
      ),
  },
  {
    id: 'azure-location',
    refusedBy: 'nobody',
    check: (stack) =>
      Object.keys(stack.resource ?? {})
        .filter((type) => type.startsWith('azurerm_'))
        .flatMap((type) => resourcesOf(stack, type))
        .flatMap((resource) =>
          mustMatch(resource, 'location', /^[a-z]+[0-9]?[a-z]*$/, 'is no Azure region like westeurope'),
        ),
  },
  {
    id: 'azure-account-safe',
    refusedBy: 'nobody',
    check: (stack) =>
      accounts(stack)
        .filter((account) => !isOfSite(account))
        .flatMap((account) => SAFE_ACCOUNT.flatMap(([path, wanted]) => mustBe(account, path, wanted))),
  },
  {
    // Without it the provider asks for the account's keys, and an account without shared keys answers 403.
    id: 'azure-provider-entra',
    refusedBy: 'service',
    check: (stack) => {
      const provider = asObject(stack.provider?.azurerm);
      return accounts(stack).length === 0 || provider?.storage_use_azuread === true
        ? []
        : [{ address: 'provider.azurerm', message: 'storage_use_azuread has to be true where shared keys are off' }];
    },
  },
  {
    id: 'azure-blob-retention',
    refusedBy: 'provider',
    check: (stack) =>
      accounts(stack).flatMap((account) => [
        ...mustBeWithin(account, 'blob_properties.delete_retention_policy.days', 1, 365),
        ...mustBeWithin(account, 'blob_properties.container_delete_retention_policy.days', 1, 365),
        ...mustBeWithin(account, 'blob_properties.change_feed_retention_in_days', 1, 146_000),
      ]),
  },
  {
    id: 'azure-network-bypass',
    refusedBy: 'provider',
    check: (stack) =>
      accounts(stack).flatMap((account) =>
        mustMatch(account, 'network_rules.bypass', /^(?:AzureServices|Logging|Metrics|None)$/, 'is no bypass'),
      ),
  },
  {
    id: 'azure-network-address',
    refusedBy: 'provider',
    check: (stack) =>
      accounts(stack).flatMap((account) =>
        literalsAt(account.body, 'network_rules.ip_rules')
          .filter((range) => !IPV4_RANGE.test(range) || PRIVATE.test(range))
          .map((range) => complain(account, `network_rules.ip_rules "${range}" has to be public, alone or up to /30`)),
      ),
  },
  {
    id: 'azure-container-name',
    refusedBy: 'service',
    check: (stack) =>
      containers(stack).flatMap((container) =>
        mustMatch(
          container,
          'name',
          /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
          'has to be 3 to 63 lower case letters, digits and single hyphens',
        ),
      ),
  },
  {
    // By name the provider goes through the account's network, which is closed to it.
    id: 'azure-container-account',
    refusedBy: 'provider',
    check: (stack) =>
      containers(stack)
        .filter(({ body }) => valueAt(body, 'storage_account_id') === undefined || 'storage_account_name' in body)
        .map((container) => complain(container, 'has to name its account by storage_account_id alone')),
  },
  {
    id: 'azure-immutability',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_storage_container_immutability_policy').flatMap((policy) => [
        ...mustBeWithin(policy, 'immutability_period_in_days', 1, 146_000),
        ...(valueAt(policy.body, 'protected_append_writes_enabled') === true
          ? mustBe(policy, 'protected_append_writes_all_enabled', false)
          : []),
      ]),
  },
  {
    id: 'azure-lock-level',
    refusedBy: 'provider',
    // ReadOnly is legal, and keeps every client from listing keys and so from working.
    check: (stack) =>
      resourcesOf(stack, 'azurerm_management_lock').flatMap((lock) => mustBe(lock, 'lock_level', 'CanNotDelete')),
  },
  {
    id: 'azure-workspace-retention',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_log_analytics_workspace').flatMap((workspace) =>
        mustBeWithin(workspace, 'retention_in_days', 30, 730),
      ),
  },
  {
    id: 'azure-workspace-name',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_log_analytics_workspace').flatMap((workspace) =>
        mustMatch(
          workspace,
          'name',
          /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
          'has to be 4 to 63 letters, digits and hyphens',
        ),
      ),
  },
];
