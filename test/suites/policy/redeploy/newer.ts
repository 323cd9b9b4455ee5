import type { JsonObject, StackJson } from '../../../../lib/terraform/stack-json';
import { asObject } from '../../../../lib/terraform/stack-json';

/** Of each type that workflows change: something beside it that a newer template may say otherwise, and its block. */
const BESIDE: readonly (readonly [type: RegExp, path: readonly string[], value: string | number])[] = [
  [/^google_compute_instance$/, ['metadata', 'startup-script'], 'a newer one'],
  [/^google_sql_database_instance$/, ['settings', 'tier'], 'db-custom-96-368640'],
  [/^google_compute_region_instance_group_manager$/, ['base_instance_name'], 'newer'],
  [/^google_compute_region_autoscaler$/, ['autoscaling_policy', 'max_replicas'], 98],
  [/^google_dns_record_set$/, ['ttl'], 61],
  [/^google_storage_bucket_object$/, ['cache_control'], 'no-store'],
  [/^azurerm_linux_virtual_machine_scale_set$/, ['upgrade_mode'], 'Automatic'],
  [/^azurerm_monitor_autoscale_setting$/, ['name'], 'newer'],
  [/^azurerm_traffic_manager_\w+_endpoint$/, ['priority'], 7],
  [/^azurerm_(postgresql|mysql)_flexible_server$/, ['backup_retention_days'], 34],
  [/^azurerm_storage_blob$/, ['cache_control'], 'no-store'],
];

/** A newer template, in which each of these resources says something else, and `ADDRESS: PATH` of what that is. */
export function newer(
  stack: StackJson,
  addresses: readonly string[],
): { readonly deployed: StackJson; readonly expected: readonly string[] } {
  const expected: string[] = [];
  let deployed = stack;
  for (const address of addresses) {
    const [type = '', name = ''] = address.split('.');
    const [, keys, value] = BESIDE.find(([one]) => one.test(type)) ?? [];
    if (!keys || value === undefined) throw new Error(`nobody says what may be newer of ${type}`);
    const { resource } = deployed;
    const body = changed(resource?.[type]?.[name] ?? {}, keys, value);
    deployed = { ...deployed, resource: { ...resource, [type]: { ...resource?.[type], [name]: body } } };
    expected.push(`${address}: ${pathOf(keys)}`);
  }
  return { deployed, expected };
}

function changed(body: JsonObject, [key = '', ...rest]: readonly string[], value: string | number): JsonObject {
  return { ...body, [key]: rest.length === 0 ? value : changed(asObject(body[key]) ?? {}, rest, value) };
}

/** As `ignore_changes` writes it: metadata is a map, other things are blocks. */
function pathOf([first = '', second]: readonly string[]): string {
  if (second === undefined) return first;
  return first === 'metadata' ? `${first}["${second}"]` : `${first}[0].${second}`;
}
