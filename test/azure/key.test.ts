import { addAzureStacks } from '../../stacks/azure';
import { onlyResource, resources, synthStack } from '../terraform/synth-stack';
import { account, azureStack, createdKey, existingKey, madeStack, secondAccount, twoVaultStack } from './fixture';

const firstName = (named: object | undefined) => Object.keys(named ?? {})[0];

describe('a key that exists', () => {
  const stack = synthStack(azureStack.name, (app) => addAzureStacks(app, [azureStack]));
  const { data } = stack.template as { data?: Record<string, Record<string, Record<string, unknown>>> };

  test('is found by the name of its vault, and its absence is said before anything is made', () => {
    expect(Object.values(data?.azurerm_resources ?? {})).toMatchObject([
      {
        type: 'Microsoft.KeyVault/vaults',
        name: 'acme-vault',
        lifecycle: {
          postcondition: [
            {
              condition: '${length(self.resources) == 1}',
              error_message: expect.stringMatching(/^key vault acme-vault is not in the subscription/),
            },
          ],
        },
      },
    ]);
  });

  test('may be used by an identity of the stack, and no other key of the vault', () => {
    const vault = firstName(data?.azurerm_resources);
    const identity = firstName(stack.template.resource?.azurerm_user_assigned_identity);
    expect(onlyResource(stack, 'azurerm_user_assigned_identity')).toMatchObject({ name: 'cmk-azure-key-acme' });
    expect(onlyResource(stack, 'azurerm_role_assignment')).toMatchObject({
      scope: `\${data.azurerm_resources.${vault}.resources[0].id}/keys/acme-backup`,
      role_definition_name: 'Key Vault Crypto Service Encryption User',
      principal_id: `\${azurerm_user_assigned_identity.${identity}.principal_id}`,
      // The old key stays readable until the account has changed over.
      lifecycle: { create_before_destroy: true },
    });
  });
});

describe('a key that the stack makes', () => {
  const stack = synthStack(azureStack.name, (app) => addAzureStacks(app, [madeStack]));

  test('lies in a vault that keeps what is deleted and that only trusted services and the deployer reach', () => {
    expect(onlyResource(stack, 'azurerm_key_vault')).toMatchObject({
      name: 'acme-backup-kv',
      sku_name: 'standard',
      rbac_authorization_enabled: true,
      purge_protection_enabled: true,
      soft_delete_retention_days: 90,
      network_acls: { default_action: 'Deny', bypass: 'AzureServices', ip_rules: '${var.deployer_ip_ranges}' },
      lifecycle: { prevent_destroy: true },
    });
    expect(stack.template).toMatchObject({ variable: { deployer_ip_ranges: { type: 'list(string)', default: [] } } });
  });

  test('rotates yearly, never expires and is never destroyed', () => {
    const key = onlyResource(stack, 'azurerm_key_vault_key');
    expect(key).toMatchObject({
      name: 'acme-backup',
      key_type: 'RSA',
      key_size: 3072,
      key_opts: ['unwrapKey', 'wrapKey'],
      rotation_policy: { automatic: { time_after_creation: 'P1Y' } },
      lifecycle: { prevent_destroy: true },
    });
    expect(key).not.toHaveProperty('expiration_date');
  });

  test('is made after the deployer was given the right to, and granted to the identity without its version', () => {
    const key = firstName(stack.template.resource?.azurerm_key_vault_key);
    const roles = resources(stack, 'azurerm_role_assignment');
    const officer = roles.findIndex((role) => role.role_definition_name === 'Key Vault Crypto Officer');
    const officerName = Object.keys(stack.template.resource?.azurerm_role_assignment ?? {})[officer];
    expect(onlyResource(stack, 'azurerm_key_vault_key').depends_on).toEqual([`azurerm_role_assignment.${officerName}`]);
    expect(roles).toContainEqual(
      expect.objectContaining({ scope: `\${azurerm_key_vault_key.${key}.resource_versionless_id}` }),
    );
    expect(onlyResource(stack, 'azurerm_storage_account').customer_managed_key).toMatchObject({
      key_vault_key_id: `\${azurerm_key_vault_key.${key}.versionless_id}`,
    });
  });
});

describe('accounts with keys of their own', () => {
  const { template } = synthStack(azureStack.name, (app) => addAzureStacks(app, [twoVaultStack]));
  const named = (type: string) => Object.entries(template.resource?.[type] ?? {});
  const text = (value: unknown) => String(value);

  test('each use their own key as their own identity, whose role covers that key alone', () => {
    const keysOf = named('azurerm_storage_account').map(([, account]) => {
      const use = account.customer_managed_key as { key_vault_key_id: string; user_assigned_identity_id: string };
      const identity = use.user_assigned_identity_id.replace('.id}', '.principal_id}');
      const grants = named('azurerm_role_assignment').filter(([, role]) => role.principal_id === identity);
      expect(grants.map(([, role]) => role.scope)).toEqual([
        use.key_vault_key_id.replace('.versionless_id}', '.resource_versionless_id}'),
      ]);
      expect(account.depends_on).toEqual(grants.map(([name]) => `azurerm_role_assignment.${name}`));
      const key = named('azurerm_key_vault_key').find(([name]) => use.key_vault_key_id.includes(`.${name}.`))?.[1];
      const vault = named('azurerm_key_vault').find(([name]) => text(key?.key_vault_id).includes(`.${name}.`))?.[1];
      return [account.name, vault?.name];
    });
    expect(keysOf).toEqual([
      ['acmebackups', 'acme-backup-kv'],
      ['acmecopies', 'acme-copies-kv'],
    ]);
    expect(named('azurerm_user_assigned_identity').map(([, identity]) => identity.name)).toEqual([
      'cmk-azure-key-copies',
      'cmk-azure-key-made',
    ]);
  });

  test('ask once for the addresses of whoever deploys', () => {
    const { data, variable } = template as { data?: Record<string, object>; variable?: object };
    expect(Object.keys(variable ?? {})).toEqual(['deployer_ip_ranges']);
    expect(Object.keys(data?.azurerm_client_config ?? {})).toHaveLength(1);
    expect(named('azurerm_key_vault').map(([, vault]) => vault.network_acls)).toEqual(
      Array.from({ length: 2 }, () => expect.objectContaining({ ip_rules: '${var.deployer_ip_ranges}' })),
    );
  });

  test('have addresses that neither their order nor other keys change', () => {
    const backwards = {
      ...twoVaultStack,
      keys: [existingKey, ...[...twoVaultStack.keys].reverse()],
      accounts: [
        { ...account, keyId: createdKey.id },
        { ...secondAccount, keyId: 'azure/key/copies' },
      ].reverse(),
    };
    const other = synthStack(azureStack.name, (app) => addAzureStacks(app, [backwards])).template.resource;
    for (const type of ['azurerm_key_vault', 'azurerm_key_vault_key', 'azurerm_storage_account']) {
      expect(other?.[type]).toEqual(template.resource?.[type]);
    }
    for (const type of ['azurerm_user_assigned_identity', 'azurerm_role_assignment']) {
      expect(other?.[type]).toMatchObject(template.resource?.[type] ?? {});
    }
  });
});
