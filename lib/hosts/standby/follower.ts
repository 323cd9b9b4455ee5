import type { Site, SiteDatabase } from '../../contract/site';
import type { StandbyBackups } from './backup';
import type { StandbyMachine } from './machine';
import { slotOf } from './slot';

/** What only the cloud of a site knows of one of its database machines. */
export interface FollowerPlace {
  /** Number of the machine, from 0. */
  readonly index: number;
  /** Fixed address of the first machine. */
  readonly first: string;
  readonly secret: string;
  readonly leaseUrl: string;
  /** Bucket or account of the archive. */
  readonly archiveStore: string;
  readonly metric: StandbyMachine['metric'];
  /** @default - it takes no backups */
  readonly backups?: StandbyBackups | undefined;
}

/** Port of a PostgreSQL of ours. */
const PORT = 5432;

/**
 * A database machine of a site, as its scripts know it. The first follows the primary; the second follows the first, at
 * its fixed address, so that nothing has to be done there when the first is promoted.
 * @returns undefined where the machine follows nobody: backups are restored into it
 */
export function followerOf(
  site: Site,
  database: Extract<SiteDatabase, { kind: 'machines' }>,
  { index, first, secret, leaseUrl, archiveStore, metric, backups }: FollowerPlace,
): StandbyMachine | undefined {
  const { method, primary, archive } = site.synchronization;
  if (method === 'backup_restore' || primary === undefined) return undefined;
  const isFirst = index === 0;
  return {
    site: site.name,
    cloud: site.cloud,
    region: site.region,
    version: database.version,
    method: isFirst ? method : 'streaming_replication',
    primary: isFirst ? { host: primary.host ?? '', port: primary.port } : { host: first, port: PORT },
    slot: slotOf(site.name, index),
    ...(primary.database !== undefined && { database: primary.database }),
    secret,
    ...(isFirst &&
      archive && {
        archive: {
          cloud: site.cloud,
          store: archiveStore,
          ...(archive.container !== undefined && { container: archive.container }),
          region: site.region,
          path: archive.path,
        },
      }),
    lease: { url: leaseUrl, seconds: site.activation.leaseSeconds },
    volumeGiB: database.volume.sizeGiB,
    metric,
    ...(backups && { backups }),
  };
}
