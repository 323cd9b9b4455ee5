import { complain, type OwnRule } from '../rule';
import { asObject, resourcesOf, valueAt, type Resource } from '../stack-json';

/** Resource types that hold backups, or the data of a recovery site, or the key without which nobody can read them. */
const KEPT = [
  'azurerm_key_vault',
  'azurerm_key_vault_key',
  'azurerm_managed_disk',
  'azurerm_mysql_flexible_server',
  'azurerm_postgresql_flexible_server',
  'azurerm_resource_group',
  'azurerm_storage_account',
  'azurerm_storage_container',
  'google_compute_disk',
  'google_kms_crypto_key',
  'google_kms_key_ring',
  'google_sql_database_instance',
  'google_storage_bucket',
];

/** Resource types whose names are taken once in all of a stack: in its resource group, or in the whole cloud. */
const NAMED_ONCE = [
  'azurerm_key_vault',
  'azurerm_storage_account',
  'azurerm_user_assigned_identity',
  'google_storage_bucket',
];

const EXACT = /^\d+\.\d+\.\d+$/;

export const stackRules: readonly OwnRule[] = [
  {
    id: 'provider-version-exact',
    refusedBy: 'nobody',
    check: (stack) =>
      Object.entries(asObject(stack.terraform?.required_providers) ?? {}).flatMap(([name, pin]) => {
        const version = asObject(pin)?.version;
        return typeof version === 'string' && EXACT.test(version)
          ? []
          : [{ address: `provider.${name}`, message: `version ${JSON.stringify(version)} is not one exact version` }];
      }),
  },
  {
    id: 'backend-portable',
    refusedBy: 'nobody',
    check: (stack) => {
      const backend = asObject(stack.terraform?.backend);
      const path = backend === undefined ? undefined : valueAt(backend, 'local.path');
      if (backend === undefined) {
        return [{ address: 'terraform', message: 'no backend says where the state is' }];
      }
      return typeof path === 'string' && /^(?:[\\/]|[A-Za-z]:)/.test(path)
        ? [{ address: 'terraform', message: `state path "${path}" exists on one machine only` }]
        : [];
    },
  },
  {
    id: 'backups-kept',
    refusedBy: 'nobody',
    check: (stack) =>
      KEPT.flatMap((type) => resourcesOf(stack, type))
        .filter((resource) => !isKept(resource))
        .map((resource) => complain(resource, 'lifecycle.prevent_destroy is not set')),
  },
  {
    id: 'name-once',
    refusedBy: 'service',
    check: (stack) =>
      NAMED_ONCE.flatMap((type) =>
        resourcesOf(stack, type)
          .filter((resource, index, all) => all.findIndex(({ body }) => body.name === resource.body.name) !== index)
          .map((resource) => complain(resource, `name "${String(resource.body.name)}" is taken twice`)),
      ),
  },
];

function isKept(resource: Resource): boolean {
  return valueAt(resource.body, 'lifecycle.prevent_destroy') === true;
}
