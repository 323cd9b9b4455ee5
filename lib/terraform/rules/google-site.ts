import { takesHyperdiskOnly } from '../google-series';
import { complain, mustBe, mustBeWithin, mustMatch, textAt, type OwnRule } from '../rule';
import {
  blocksAt,
  literalsAt,
  numberAt,
  referencedAddress,
  resourcesOf,
  valueAt,
  type JsonValue,
  type Resource,
  type StackJson,
} from '../stack-json';

/** Memory of a custom tier is in MB, in steps of 256. https://cloud.google.com/sql/docs/postgres/machine-series-overview */
function isTier(tier: string): boolean {
  const [, cpus = '', megabytes = ''] = /^db-custom-(\d+)-(\d+)$/.exec(tier) ?? [];
  if (cpus === '')
    return /^db-(f1-micro|g1-small|(n1-(standard|highmem)|perf-optimized-N|c4a-highmem)-\d+)$/.test(tier);
  const isCount = cpus === '1' || Number(cpus) % 2 === 0;
  return isCount && Number(megabytes) >= 3840 && Number(megabytes) % 256 === 0;
}

const groups = (stack: StackJson) => resourcesOf(stack, 'google_compute_region_instance_group_manager');
const templates = (stack: StackJson) => resourcesOf(stack, 'google_compute_instance_template');
const machines = (stack: StackJson) => resourcesOf(stack, 'google_compute_instance');
const servers = (stack: StackJson) => resourcesOf(stack, 'google_sql_database_instance');
const checks = (stack: StackJson) =>
  ['google_compute_health_check', 'google_compute_region_health_check'].flatMap((type) => resourcesOf(stack, type));

const MACHINE = /^[a-z][a-z0-9]*-[a-z0-9-]+$/;
/** Series that take no Hyperdisk. */
const OLD_SERIES = /^(?:e2|n1|n2d?|f1|g1|t2d|t2a|c2d?|m1)-/;
const PLUS = /^db-(?:perf-optimized-N|c4a-highmem)-/;
/** https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations */
const METADATA_BYTES = 256 * 1024;
/** Ports that nobody reaches from everywhere. */
const CLOSED = ['22', '3389', '3306', '5432', '8008'];

/** Values of recovery sites that the provider takes and the service refuses, or that nobody refuses and a disaster finds. */
export const googleSiteRules: readonly OwnRule[] = [
  {
    id: 'google-group-surge',
    refusedBy: 'service',
    check: (stack) =>
      groups(stack).flatMap((group) => {
        const zones = valueAt(group.body, 'distribution_policy_zones');
        const least = Array.isArray(zones) ? zones.length : 3;
        const [policy] = blocksAt(group.body, 'update_policy');
        if (!policy) return [];
        const surge = numberAt(policy, 'max_surge_fixed') ?? 0;
        const away = numberAt(policy, 'max_unavailable_fixed') ?? 0;
        const wrong = [surge, away].filter((count) => count !== 0 && count < least);
        return surge + away === 0 || wrong.length > 0
          ? [
              complain(
                group,
                `has a surge of ${surge} and ${away} unavailable: each is 0 or at least ${least}, and one of them is not 0`,
              ),
            ]
          : [];
      }),
  },
  {
    id: 'google-autoscaler',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'google_compute_region_autoscaler').flatMap((scaler) => {
        const least = numberAt(scaler.body, 'autoscaling_policy.min_replicas') ?? 0;
        const most = numberAt(scaler.body, 'autoscaling_policy.max_replicas') ?? 0;
        const target = numberAt(scaler.body, 'autoscaling_policy.cpu_utilization.target') ?? 0.6;
        return [
          ...(least > most ? [complain(scaler, `has at least ${least} and at most ${most} machines`)] : []),
          ...(target <= 0 || target > 1 ? [complain(scaler, `wants to be busy by ${target}, and all is 1`)] : []),
        ];
      }),
  },
  {
    id: 'google-machine-type',
    refusedBy: 'service',
    check: (stack) =>
      [...templates(stack), ...machines(stack)].flatMap((one) =>
        mustMatch(one, 'machine_type', MACHINE, 'is no machine type'),
      ),
  },
  {
    id: 'google-machine-disk',
    refusedBy: 'service',
    check: (stack) =>
      [...templates(stack), ...machines(stack)].flatMap((one) => {
        const type = textAt(one.body, 'machine_type');
        return disksOf(stack, one)
          .filter((disk) => (disk.startsWith('pd-') ? takesHyperdiskOnly(type) : OLD_SERIES.test(type)))
          .filter((disk) => disk.startsWith('pd-') || disk === 'hyperdisk-balanced')
          .map((disk) => complain(one, `${type} takes no ${disk}`));
      }),
  },
  {
    id: 'google-startup-script',
    refusedBy: 'service',
    check: (stack) =>
      machines(stack).flatMap((one) => {
        const metadata = valueAt(one.body, 'metadata') as Readonly<Record<string, JsonValue>> | undefined;
        const script = metadata?.['startup-script'];
        return typeof script === 'string' && Buffer.byteLength(script) > METADATA_BYTES
          ? [complain(one, `has a script of ${Buffer.byteLength(script)} bytes, and metadata holds ${METADATA_BYTES}`)]
          : [];
      }),
  },
  {
    id: 'google-open-port',
    refusedBy: 'nobody',
    check: (stack) =>
      resourcesOf(stack, 'google_compute_firewall').flatMap((rule) =>
        literalsAt(rule.body, 'source_ranges').includes('0.0.0.0/0')
          ? blocksAt(rule.body, 'allow')
              .flatMap((allow) => literalsAt(allow, 'ports'))
              .filter((port) => CLOSED.includes(port))
              .map((port) => complain(rule, `opens port ${port} to everybody`))
          : [],
      ),
  },
  {
    id: 'google-health-check',
    refusedBy: 'service',
    check: (stack) =>
      checks(stack)
        .filter(({ body }) => (numberAt(body, 'timeout_sec') ?? 5) > (numberAt(body, 'check_interval_sec') ?? 5))
        .map((one) => complain(one, 'waits longer for an answer than until it asks again')),
  },
  {
    id: 'google-sql-tier',
    refusedBy: 'service',
    check: (stack) =>
      servers(stack).flatMap((server) =>
        literalsAt(server.body, 'settings.tier').flatMap((tier) => {
          const edition = PLUS.test(tier) ? 'ENTERPRISE_PLUS' : 'ENTERPRISE';
          return [
            ...(isTier(tier) ? [] : [complain(server, `tier "${tier}" is none of Cloud SQL`)]),
            ...mustBe(server, 'settings.edition', edition),
          ];
        }),
      ),
  },
  {
    id: 'google-sql-values',
    refusedBy: 'service',
    check: (stack) =>
      servers(stack).flatMap((server) => [
        ...mustMatch(server, 'database_version', /^(?:POSTGRES_\d+|MYSQL_\d+_\d+)$/, 'is no version of Cloud SQL'),
        ...mustMatch(server, 'settings.activation_policy', /^(?:ALWAYS|NEVER)$/, 'is no policy of an activation'),
        ...mustBeWithin(server, 'settings.disk_size', 10, 65_536),
        ...mustBeWithin(server, 'settings.backup_configuration.transaction_log_retention_days', 1, 7),
        ...(server.body.master_instance_name !== undefined &&
        valueAt(server.body, 'settings.backup_configuration') !== undefined
          ? [complain(server, 'is a replica, and has no backups of its own')]
          : []),
        ...(valueAt(server.body, 'settings.availability_type') === 'REGIONAL' &&
        valueAt(server.body, 'settings.backup_configuration.enabled') !== true
          ? [complain(server, 'is in two zones, which wants backups')]
          : []),
      ]),
  },
  {
    id: 'google-sql-safe',
    refusedBy: 'nobody',
    check: (stack) =>
      servers(stack).flatMap((server) => [
        ...mustBe(server, 'deletion_protection', true),
        ...mustBe(server, 'settings.deletion_protection_enabled', true),
        ...mustBe(server, 'settings.ip_configuration.ipv4_enabled', false),
        ...mustBe(server, 'settings.ip_configuration.ssl_mode', 'ENCRYPTED_ONLY'),
      ]),
  },
];

/** Types of a machine's disks: of those that are written here, and of those that it is lent. */
function disksOf(stack: StackJson, { body }: Resource): readonly string[] {
  const lent = blocksAt(body, 'attached_disk').flatMap(({ source }) =>
    resourcesOf(stack, 'google_compute_disk')
      .filter(({ address }) => address === referencedAddress(source))
      .flatMap((disk) => literalsAt(disk.body, 'type')),
  );
  return [
    ...blocksAt(body, 'disk').flatMap((disk) => literalsAt(disk, 'disk_type')),
    ...literalsAt(body, 'boot_disk.initialize_params.type'),
    ...lent,
  ];
}
