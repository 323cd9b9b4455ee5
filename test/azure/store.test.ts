import type { AzureAccount } from '../../lib/azure';
import { addAzureStacks } from '../../stacks/azure';
import { nodesOf, onlyResource, resources, synthStack } from '../terraform/synth-stack';
import { account, azureStack } from './fixture';

const synth = (changed: Partial<AzureAccount> = {}) =>
  synthStack(azureStack.name, (app) =>
    addAzureStacks(app, [{ ...azureStack, accounts: [{ ...account, ...changed }] }]),
  );
const stack = synth();

test('the account takes no keys, no old TLS, no plain HTTP, no other tenant and no anonymous reader', () => {
  expect(onlyResource(stack, 'azurerm_storage_account')).toMatchObject({
    name: 'acmebackups',
    account_kind: 'StorageV2',
    account_tier: 'Standard',
    account_replication_type: 'RAGRS',
    min_tls_version: 'TLS1_2',
    https_traffic_only_enabled: true,
    shared_access_key_enabled: false,
    default_to_oauth_authentication: true,
    local_user_enabled: false,
    allow_nested_items_to_be_public: false,
    cross_tenant_replication_enabled: false,
    allowed_copy_scope: 'AAD',
    infrastructure_encryption_enabled: true,
    network_rules: { default_action: 'Deny', bypass: ['AzureServices', 'Logging', 'Metrics'], ip_rules: [] },
    lifecycle: { prevent_destroy: true },
  });
});

test('only the ranges of the plan reach the account beside the services of Azure', () => {
  const open = synth({ allowedRanges: ['198.51.100.7', '203.0.113.0/24'] });
  expect(onlyResource(open, 'azurerm_storage_account').network_rules).toEqual({
    default_action: 'Deny',
    bypass: ['AzureServices', 'Logging', 'Metrics'],
    ip_rules: ['198.51.100.7', '203.0.113.0/24'],
  });
  expect(open.findings).toEqual([]);
});

test('the account is encrypted with the key, as the identity that was granted it', () => {
  const [identity] = Object.keys(stack.template.resource?.azurerm_user_assigned_identity ?? {});
  const [grant] = Object.keys(stack.template.resource?.azurerm_role_assignment ?? {});
  expect(onlyResource(stack, 'azurerm_storage_account')).toMatchObject({
    identity: { type: 'UserAssigned', identity_ids: [`\${azurerm_user_assigned_identity.${identity}.id}`] },
    customer_managed_key: {
      key_vault_key_id: 'https://acme-vault.vault.azure.net/keys/acme-backup',
      user_assigned_identity_id: `\${azurerm_user_assigned_identity.${identity}.id}`,
    },
    depends_on: [`azurerm_role_assignment.${grant}`],
  });
});

test('blobs are versioned, their changes listed, and what is deleted can be had back', () => {
  expect(onlyResource(stack, 'azurerm_storage_account').blob_properties).toEqual({
    versioning_enabled: true,
    change_feed_enabled: true,
    change_feed_retention_in_days: 90,
    delete_retention_policy: { days: 30 },
    container_delete_retention_policy: { days: 30 },
  });
});

test('containers are private, kept and made through Azure instead of the closed account', () => {
  const [id] = Object.keys(stack.template.resource?.azurerm_storage_account ?? {});
  expect(resources(stack, 'azurerm_storage_container')).toEqual(
    ['backups', 'scratch', 'sql'].map((name) => ({
      name,
      storage_account_id: `\${azurerm_storage_account.${id}.id}`,
      container_access_type: 'private',
      lifecycle: { prevent_destroy: true },
    })),
  );
});

test('a container is immutable for its own days, locked only where the plan says so', () => {
  expect(resources(stack, 'azurerm_storage_container_immutability_policy')).toEqual([
    expect.objectContaining({ immutability_period_in_days: 30, locked: false }),
    expect.objectContaining({ immutability_period_in_days: 7, locked: true }),
  ]);
  expect(nodesOf(stack, 'azurerm_storage_container_immutability_policy')).toEqual([
    ['azure/container/backups'],
    ['azure/container/sql'],
  ]);
});

test('the account can not be deleted by mistake', () => {
  const [id] = Object.keys(stack.template.resource?.azurerm_storage_account ?? {});
  expect(onlyResource(stack, 'azurerm_management_lock')).toMatchObject({
    lock_level: 'CanNotDelete',
    scope: `\${azurerm_storage_account.${id}.id}`,
  });
});

test('without rules there is no management policy', () => {
  expect(resources(synth({ lifecycle: [] }), 'azurerm_storage_management_policy')).toEqual([]);
});
