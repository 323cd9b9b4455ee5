import { quoted } from '../shell';
import type { PrimaryMachine, StandbyMachine } from './machine';

type Values = Readonly<Record<string, string | number | undefined>>;

/** Variables of a shell, one a line; what is left out is empty. */
function render(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quoted(String(value ?? ''))}`)
    .join('\n');
}

function shared(machine: StandbyMachine | PrimaryMachine): Values {
  const { archive, lease } = machine;
  return {
    site: machine.site,
    cloud: machine.cloud,
    region: machine.region,
    version: machine.version,
    method: machine.method,
    slot: machine.slot,
    heartbeat_database: machine.database ?? 'postgres',
    secret: machine.secret,
    archive_cloud: archive?.cloud,
    archive_store: archive?.store,
    archive_container: archive?.container,
    archive_region: archive?.region,
    archive_path: archive && `/${archive.path}`,
    lease_url: lease.url,
    lease_seconds: lease.seconds,
  };
}

/** `site.conf` of a database machine of a site. */
export function renderStandbyConfig(machine: StandbyMachine): string {
  return render({
    ...shared(machine),
    primary_host: machine.primary.host,
    primary_port: machine.primary.port,
    volume_gib: machine.volumeGiB,
    metric_namespace: machine.metric.namespace,
    metric_name: machine.metric.name,
    metric_site: machine.metric.site,
  });
}

/** Unit of systemd that Debian and Ubuntu have for their first cluster of a version. */
export function clusterUnit(version: string): string {
  return `postgresql@${version}-main.service`;
}

/** `site.conf` of the primary. */
export function renderPrimaryConfig(machine: PrimaryMachine): string {
  return render({
    ...shared(machine),
    standby_range: machine.standbyRange,
    database_folder: machine.folder ?? `/var/lib/postgresql/${machine.version}/main`,
    database_port: machine.port ?? 5432,
    database_unit: machine.unit ?? clusterUnit(machine.version),
    slot_keeps_gb: machine.slotKeepsGB,
  });
}
