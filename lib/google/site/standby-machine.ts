import { secretNameIn } from '../../contract';
import type { Site } from '../../contract/site';
import { followerOf } from '../../hosts/standby';
import type { StandbyBackups, StandbyMachine } from '../../hosts/standby';
import { escapeTemplate } from '../../terraform';
import { databaseAddress } from './ranges';
import type { DatabaseMachines } from './standby';

/** Stand in scripts for names of buckets, which only the deployment knows: the number of the project ends them. */
export const MARKS = { state: '@STATE_BUCKET@', archive: '@ARCHIVE_BUCKET@' } as const;

/** Name of the number that says how far a database is behind, as the alarm looks for it. */
export const LAG_METRIC = 'lag_seconds';

export interface StandbyMachineProps {
  readonly leaseUrl: string;
  /** Number of the machine from 0. */
  readonly index: number;
  /** What it backs up while the site is active. */
  readonly backups: StandbyBackups | undefined;
}

/** A database machine of a site, as its scripts know it; undefined where backups are restored into it. */
export function standbyMachine(
  site: Site,
  database: DatabaseMachines,
  { leaseUrl, index, backups }: StandbyMachineProps,
): StandbyMachine | undefined {
  return followerOf(site, database, {
    index,
    first: databaseAddress(site.network.cidr, 0),
    secret: secretNameIn('google', site.synchronization.primary?.secret ?? ''),
    leaseUrl,
    archiveStore: MARKS.archive,
    metric: { namespace: 'hypnoscript-dr', name: LAG_METRIC, site: site.prefix },
    backups,
  });
}

/** A script as Terraform takes it: nothing in it is an expression but the names of buckets. */
export function filled(script: string, buckets: Readonly<Partial<Record<keyof typeof MARKS, string>>>): string {
  return Object.entries(MARKS).reduce(
    (text, [name, mark]) => text.replaceAll(mark, () => buckets[name as keyof typeof MARKS] ?? mark),
    escapeTemplate(script),
  );
}
