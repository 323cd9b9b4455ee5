import { addAzureStacks } from '../../stacks/azure';
import { onlyResource, resources, synthStack } from '../terraform/synth-stack';
import { azureStack, createdKey } from './fixture';

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
    expect(onlyResource(stack, 'azurerm_user_assigned_identity')).toMatchObject({ name: 'acme-backup-cmk' });
    expect(onlyResource(stack, 'azurerm_role_assignment')).toMatchObject({
      scope: `\${data.azurerm_resources.${vault}.resources[0].id}/keys/acme-backup`,
      role_definition_name: 'Key Vault Crypto Service Encryption User',
      principal_id: `\${azurerm_user_assigned_identity.${identity}.principal_id}`,
    });
  });
});

describe('a key that the stack makes', () => {
  const stack = synthStack(azureStack.name, (app) => addAzureStacks(app, [{ ...azureStack, key: createdKey }]));

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
