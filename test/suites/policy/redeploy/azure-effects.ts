import { asObject, resourcesOf, valueAt } from '../../../../lib/terraform/stack-json';
import type { StackJson } from '../../../../lib/terraform/stack-json';
import { belongingTo } from './call';
import { nothing } from './effect';
import type { Change, Effect } from './effect';

/** An id in a URL that is a resource of the template. */
const arm = (rest = '') =>
  new RegExp(String.raw`^https://management[.]azure[.]com[$][{](\w+[.]\w+)[.]id[}]${rest}[?]api-version=[\d-]+$`);
const ofType = (type: string) =>
  new RegExp(String.raw`^https://management[.]azure[.]com[$][{](${type}[.]\w+)[.]id[}][?]api-version=[\d-]+$`);

interface Asked {
  readonly sku?: { readonly name: string; readonly capacity: number };
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What each call changes of what Terraform's provider reads: https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs */
export const AZURE_EFFECTS: readonly Effect[] = [
  {
    method: 'PATCH',
    url: ofType('azurerm_linux_virtual_machine_scale_set'),
    changes: ([address = ''], { body }) => {
      const { sku } = body as Required<Asked>;
      return [
        { address, path: 'instances', value: sku.capacity, other: 97 },
        { address, path: 'sku', value: sku.name, other: 'same' },
      ];
    },
  },
  {
    method: 'PUT',
    url: ofType('azurerm_monitor_autoscale_setting'),
    changes: ([address = ''], { body }, stack) => {
      const [, value] = /'enabled', (true|false)/.exec(String(body)) ?? [];
      if (value === undefined) throw new Error(`nobody knows what is written: ${String(body)}`);
      return [{ address, path: 'enabled', value: value === 'true', other: !inTemplate(stack, address, 'enabled') }];
    },
  },
  {
    method: 'PATCH',
    url: ofType('azurerm_traffic_manager_\\w+_endpoint'),
    changes: ([address = ''], { body }, stack) => {
      const { endpointStatus } = (body as Required<Asked>).properties;
      const other = !inTemplate(stack, address, 'enabled');
      return [{ address, path: 'enabled', value: endpointStatus === 'Enabled', other }];
    },
  },
  {
    method: 'PATCH',
    url: ofType('azurerm_(?:postgresql|mysql)_flexible_server'),
    changes: ([address = ''], { body }) => server(address, (body as Required<Asked>).properties),
  },
  // The provider has no attribute for whether a machine runs.
  { method: 'POST', url: arm('/(?:start|deallocate)'), changes: nothing },
  { method: 'PUT', url: arm(String.raw`/runCommands/[^?]+`), changes: commands },
  { method: 'DELETE', url: arm(String.raw`/runCommands/[^?]+`), changes: commands },
  { method: 'POST', url: arm('/triggers/asked/run'), changes: nothing },
  { method: 'POST', url: /^https:\/\/api[.]loganalytics[.]azure[.]com\/v1\/.+\/query$/, changes: nothing },
  {
    method: 'PUT',
    url: /^https:\/\/(\w+)[.]blob[.]core[.]windows[.]net\/(\w+)\/(.+)$/,
    changes: ([account = '', container, name], _call, stack) =>
      resourcesOf(stack, 'azurerm_storage_blob')
        .filter(({ body }) => body.name === name && body.storage_container_name === container)
        .filter(({ body }) => nameOf(stack, body.storage_account_name) === account)
        .flatMap(({ address }) => [
          { address, path: 'source_content', value: 'revoked 2 1795600000' },
          { address, path: 'content_md5', value: 'md5 of what is there' },
          { address, path: 'content_type', value: 'text/plain; charset=utf-8' },
        ]),
  },
];

/** A command of the template that a workflow would write over. */
function commands([address = '']: readonly string[], _call: unknown, stack: StackJson): readonly Change[] {
  const found = belongingTo(stack, 'azurerm_virtual_machine_run_command', 'virtual_machine_id', address);
  return found.map((one) => ({ address: one.address, path: 'source', value: [] }));
}

function server(address: string, properties: Readonly<Record<string, unknown>>): readonly Change[] {
  const { replica, replicationRole, highAvailability, ...others } = properties;
  if (Object.keys(others).length > 0) throw new Error(`nobody says what these change: ${Object.keys(others).join()}`);
  return [
    ...(replica === undefined && replicationRole === undefined
      ? []
      : [
          { address, path: 'replication_role', value: 'None' },
          { address, path: 'create_mode', value: 'Default' },
          { address, path: 'source_server_id', value: null },
        ]),
    ...(highAvailability === undefined
      ? []
      : [
          { address, path: 'high_availability', value: [{ mode: 'ZoneRedundant', standby_availability_zone: '2' }] },
          { address, path: 'zone', value: '1' },
        ]),
  ];
}

function inTemplate(stack: StackJson, address: string, path: string): unknown {
  const [type = '', name = ''] = address.split('.');
  return valueAt(asObject(stack.resource?.[type]?.[name]) ?? {}, path);
}

/** A name as it stands, or that of the resource which an expression stands for. */
function nameOf(stack: StackJson, value: unknown): unknown {
  const [, address] = /^[$][{](\w+[.]\w+)[.]name[}]$/.exec(String(value)) ?? [];
  return address === undefined ? value : inTemplate(stack, address, 'name');
}
