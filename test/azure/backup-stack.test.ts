import { addAzureStacks } from '../../stacks/azure';
import { allNodes, nodesOf, onlyResource, resources, resourceTypes, synthStack } from '../terraform/synth-stack';
import { account, azureStack, madeStack, secondAccount } from './fixture';

const synth = (plan = azureStack) => synthStack(plan.name, (app) => addAzureStacks(app, [plan]));
const existing = synth();

test('an account whose key exists', () => {
  expect(resourceTypes(existing)).toEqual([
    'azurerm_log_analytics_workspace',
    'azurerm_management_lock',
    'azurerm_monitor_diagnostic_setting',
    'azurerm_resource_group',
    'azurerm_role_assignment',
    'azurerm_storage_account',
    'azurerm_storage_container',
    'azurerm_storage_container',
    'azurerm_storage_container',
    'azurerm_storage_container_immutability_policy',
    'azurerm_storage_container_immutability_policy',
    'azurerm_storage_management_policy',
    'azurerm_user_assigned_identity',
  ]);
});

test('a key that the stack makes adds a vault, the key and the right to make it', () => {
  const added = [...resourceTypes(synth(madeStack))];
  for (const type of resourceTypes(existing)) {
    added.splice(added.indexOf(type), 1);
  }
  expect(added).toEqual(['azurerm_key_vault', 'azurerm_key_vault_key', 'azurerm_role_assignment']);
});

test('a second account adds its own lock and request log, and no policy where it has no rules', () => {
  const both = synth({ ...azureStack, accounts: [account, secondAccount] });
  const count = (type: string) => resources(both, type).length;
  expect(resources(both, 'azurerm_storage_account').map(({ name }) => name)).toEqual(['acmebackups', 'acmecopies']);
  expect(count('azurerm_management_lock')).toBe(2);
  expect(count('azurerm_monitor_diagnostic_setting')).toBe(2);
  expect(count('azurerm_storage_management_policy')).toBe(1);
  expect(count('azurerm_user_assigned_identity')).toBe(1);
});

test('every node of the plan is found in the template', () => {
  expect(allNodes(existing)).toEqual([
    'azure/account/acmebackups',
    'azure/container/backups',
    'azure/container/scratch',
    'azure/container/sql',
    'azure/key/acme',
    'azure/lifecycle/backups',
    'azure/lifecycle/sql',
    'azure/logs/acme',
    'azure/stack/acme',
  ]);
  expect(nodesOf(existing, 'azurerm_resource_group')).toEqual([['azure/stack/acme']]);
});

test('a key that the plan does not have is a fault of the plan', () => {
  expect(() => synth({ ...azureStack, keys: [] })).toThrow('names a key that the plan does not have: azure/key/acme');
});

test('without accounts and keys the group and the workspace remain, and no rule of ours is broken', () => {
  const empty = synth({ ...azureStack, keys: [], accounts: [] });
  expect(resourceTypes(empty)).toEqual(['azurerm_log_analytics_workspace', 'azurerm_resource_group']);
  expect(empty.findings).toEqual([]);
});

test('an account without containers and rules has neither', () => {
  const bare = synth({ ...azureStack, accounts: [{ ...account, containers: [], lifecycle: [] }] });
  expect(resourceTypes(bare).filter((type) => /container|policy/.test(type))).toEqual([]);
  expect(resources(bare, 'azurerm_storage_account')).toEqual(resources(existing, 'azurerm_storage_account'));
  expect(bare.findings).toEqual([]);
});

test('the resource group is where the plan says and can not be destroyed with what it holds', () => {
  expect(onlyResource(existing, 'azurerm_resource_group')).toEqual({
    name: 'rg-acme-backup',
    location: 'northeurope',
    lifecycle: { prevent_destroy: true },
  });
});

describe('the provider', () => {
  const provider = (plan = azureStack) => synth(plan).template.provider?.azurerm;

  test('signs in with Entra ID, registers what storage needs and asks no account for anything', () => {
    expect(provider()).toEqual([
      {
        subscription_id: '00000000-0000-4000-8000-000000000001',
        storage_use_azuread: true,
        resource_provider_registrations: 'none',
        resource_providers_to_register: [
          'Microsoft.Insights',
          'Microsoft.KeyVault',
          'Microsoft.ManagedIdentity',
          'Microsoft.OperationalInsights',
          'Microsoft.Storage',
        ],
        features: [
          {
            resource_group: [{ prevent_deletion_if_contains_resources: true }],
            storage: [{ data_plane_available: false }],
          },
        ],
      },
    ]);
  });

  test('never purges the keys of a vault that the stack makes', () => {
    expect(provider(madeStack)).toMatchObject([
      {
        features: [{ key_vault: [{ purge_soft_delete_on_destroy: false, purge_soft_deleted_keys_on_destroy: false }] }],
      },
    ]);
  });

  test('takes the subscription of the environment where the plan has none', () => {
    const { subscription: _, ...anywhere } = azureStack;
    expect(provider(anywhere)).not.toMatchObject([{ subscription_id: expect.anything() }]);
  });
});
