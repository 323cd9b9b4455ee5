import { secretNameIn } from '../../contract';
import type { Site } from '../../contract/site';
import { slotOf } from '../../hosts/standby';
import type { StandbyMachine } from '../../hosts/standby';
import { escapeTemplate } from '../../terraform';
import { databasePort } from './network';
import { databaseAddress } from './ranges';
import type { DatabaseMachines } from './standby';

/** Stand in scripts for names of buckets, which only the deployment knows: the number of the project ends them. */
export const MARKS = { state: '@STATE_BUCKET@', archive: '@ARCHIVE_BUCKET@' } as const;

/** Name of the number that says how far a database is behind, as the alarm looks for it. */
export const LAG_METRIC = 'lag_seconds';

/**
 * What a database machine is told. The first follows the primary, a second one the first, so that a promotion of the
 * first asks nothing of the second.
 * @returns undefined where the machine follows nobody: backups are restored into it
 */
export function standbyMachine(
  site: Site,
  database: DatabaseMachines,
  { leaseUrl, index }: { readonly leaseUrl: string; readonly index: number },
): StandbyMachine | undefined {
  const { method, primary, archive } = site.synchronization;
  if (method === 'backup_restore' || primary === undefined) return undefined;
  const isFirst = index === 0;
  const first = { host: databaseAddress(site.network.cidr, 0), port: databasePort(site) };
  return {
    site: site.name,
    cloud: 'google',
    region: site.region,
    version: database.version,
    method: isFirst ? method : 'streaming_replication',
    primary: isFirst ? { host: primary.host ?? '', port: primary.port } : first,
    slot: slotOf(site.name, index),
    ...(primary.database !== undefined && { database: primary.database }),
    secret: secretNameIn('google', primary.secret),
    ...(isFirst &&
      archive && {
        archive: { cloud: 'google', store: MARKS.archive, region: site.region, path: archive.path },
      }),
    lease: { url: leaseUrl, seconds: site.activation.leaseSeconds },
    volumeGiB: database.volume.sizeGiB,
    metric: { namespace: 'hypnoscript-dr', name: LAG_METRIC },
  };
}

/** A script as Terraform takes it: nothing in it is an expression but the names of buckets. */
export function filled(script: string, buckets: Readonly<Partial<Record<keyof typeof MARKS, string>>>): string {
  return Object.entries(MARKS).reduce(
    (text, [name, mark]) => text.replaceAll(mark, () => buckets[name as keyof typeof MARKS] ?? mark),
    escapeTemplate(script),
  );
}
