import { complain, mustBe, mustMatch, textAt, type OwnRule } from '../rule';
import {
  blocksAt,
  isOfSite,
  literalsAt,
  numberAt,
  referencedAddress,
  resourcesOf,
  valueAt,
  type JsonValue,
  type StackJson,
} from '../stack-json';

const SIZE = /^Standard_[A-Z]+\d+(?:-\d+)?[a-z]*(?:_[A-Za-z0-9]+)*$/;
const ZONAL = /^(?:PremiumV2_LRS|UltraSSD_LRS)$/;
/** Base64 of 64 kB, which is what a machine takes. */
const LONGEST_DATA = 87_380;

const machines = (stack: StackJson) => resourcesOf(stack, 'azurerm_linux_virtual_machine');
const sets = (stack: StackJson) => resourcesOf(stack, 'azurerm_linux_virtual_machine_scale_set');
const servers = (stack: StackJson) =>
  ['azurerm_postgresql_flexible_server', 'azurerm_mysql_flexible_server'].flatMap((type) => resourcesOf(stack, type));

/** What an account of a site says. It holds no backups, and the data of a site, or who talked to whom. */
const SITE_ACCOUNT: readonly (readonly [string, JsonValue])[] = [
  ['account_kind', 'StorageV2'],
  ['min_tls_version', 'TLS1_2'],
  ['https_traffic_only_enabled', true],
  ['allow_nested_items_to_be_public', false],
  ['cross_tenant_replication_enabled', false],
];

/** Values of recovery sites that the provider takes and the service refuses, or that nobody refuses and a disaster finds. */
export const azureSiteRules: readonly OwnRule[] = [
  {
    id: 'azure-site-account',
    refusedBy: 'nobody',
    check: (stack) => {
      const logged = resourcesOf(stack, 'azurerm_network_watcher_flow_log').map(({ body }) =>
        referencedAddress(body.storage_account_id),
      );
      return resourcesOf(stack, 'azurerm_storage_account')
        .filter(isOfSite)
        .flatMap((account) => [
          ...SITE_ACCOUNT.flatMap(([path, wanted]) => mustBe(account, path, wanted)),
          // The service of flow logs writes with the key of the account.
          ...(logged.includes(account.address) ? [] : mustBe(account, 'shared_access_key_enabled', false)),
        ]);
    },
  },
  {
    id: 'azure-machine-size',
    refusedBy: 'service',
    check: (stack) => [
      ...machines(stack).flatMap((one) => mustMatch(one, 'size', SIZE, 'is no size of a machine')),
      ...sets(stack).flatMap((one) => mustMatch(one, 'sku', SIZE, 'is no size of a machine')),
    ],
  },
  {
    id: 'azure-disk-zone',
    refusedBy: 'service',
    check: (stack) => [
      ...resourcesOf(stack, 'azurerm_managed_disk').flatMap((disk) => {
        const type = textAt(disk.body, 'storage_account_type');
        const hasZone = valueAt(disk.body, 'zone') !== undefined;
        if (ZONAL.test(type) && !hasZone) return [complain(disk, `a disk ${type} has to be in a zone`)];
        return type.endsWith('_ZRS') && hasZone ? [complain(disk, `a disk ${type} is in no zone of its own`)] : [];
      }),
      ...sets(stack).flatMap((set) =>
        blocksAt(set.body, 'data_disk')
          .filter((disk) => ZONAL.test(textAt(disk, 'storage_account_type')))
          .filter(() => valueAt(set.body, 'zones') === undefined)
          .map((disk) => complain(set, `a disk ${textAt(disk, 'storage_account_type')} needs machines in zones`)),
      ),
    ],
  },
  {
    id: 'azure-disk-cache',
    refusedBy: 'service',
    check: (stack) => {
      const zonal = resourcesOf(stack, 'azurerm_managed_disk')
        .filter(({ body }) => ZONAL.test(textAt(body, 'storage_account_type')))
        .map(({ address }) => address);
      return [
        ...resourcesOf(stack, 'azurerm_virtual_machine_data_disk_attachment')
          .filter(({ body }) => zonal.includes(referencedAddress(body.managed_disk_id) ?? ''))
          .flatMap((one) => mustBe(one, 'caching', 'None')),
        ...sets(stack).flatMap((set) =>
          blocksAt(set.body, 'data_disk')
            .filter((disk) => ZONAL.test(textAt(disk, 'storage_account_type')) && textAt(disk, 'caching') !== 'None')
            .map(() => complain(set, 'disks of this type have no cache')),
        ),
      ];
    },
  },
  {
    id: 'azure-disk-iops',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_managed_disk')
        .filter(({ body }) => numberAt(body, 'disk_iops_read_write') !== undefined)
        .filter(({ body }) => !ZONAL.test(textAt(body, 'storage_account_type')))
        .map((disk) => complain(disk, 'only PremiumV2_LRS and UltraSSD_LRS are told how fast they are')),
  },
  {
    id: 'azure-custom-data',
    refusedBy: 'service',
    check: (stack) =>
      machines(stack)
        .filter(({ body }) => textAt(body, 'custom_data').length > LONGEST_DATA)
        .map((one) => complain(one, 'custom_data is longer than 64 kB')),
  },
  {
    id: 'azure-server-private',
    refusedBy: 'nobody',
    check: (stack) =>
      servers(stack).flatMap((server) => [
        ...(valueAt(server.body, 'delegated_subnet_id') === undefined
          ? [complain(server, 'is in no network of ours')]
          : []),
        ...resourcesOf(stack, 'azurerm_private_dns_zone')
          .flatMap((zone) => literalsAt(zone.body, 'name').map((name) => ({ zone, name })))
          .filter(
            ({ name }) =>
              /(?:postgres|mysql)[.]database/.test(name) && name.startsWith(`${textAt(server.body, 'name')}.`),
          )
          .map(({ zone }) => complain(zone, 'is called like its server, which the service refuses')),
      ]),
  },
  {
    id: 'azure-autoscale-range',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_monitor_autoscale_setting').flatMap((setting) =>
        blocksAt(setting.body, 'profile.capacity')
          .filter((one) => {
            const [low = 0, first = 0, high = 0] = ['minimum', 'default', 'maximum'].map((key) => numberAt(one, key));
            return low > first || first > high;
          })
          .map(() => complain(setting, 'minimum, default and maximum are out of order')),
      ),
  },
  {
    id: 'azure-traffic-manager',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_traffic_manager_profile').flatMap((profile) => {
        const hasPath = valueAt(profile.body, 'monitor_config.path') !== undefined;
        const isTcp = textAt(profile.body, 'monitor_config.protocol') === 'TCP';
        if (isTcp && hasPath) return [complain(profile, 'TCP has no path')];
        if (!isTcp && !hasPath) return [complain(profile, 'HTTPS needs a path')];
        const [interval, timeout] = ['interval_in_seconds', 'timeout_in_seconds'].map((key) =>
          numberAt(profile.body, `monitor_config.${key}`),
        );
        return interval === 10 && (timeout ?? 10) > 9 ? [complain(profile, 'looks every 10 s take at most 9 s')] : [];
      }),
  },
];
