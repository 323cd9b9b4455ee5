import type { Site } from '../../contract/site';
import { renderStandbyInstaller, slotOf } from '../../hosts/standby';
import type { StandbyMachine } from '../../hosts/standby';
import { lagName } from './lag-alarm';
import type { DatabaseMachines } from './machines';
import { SITE_NAMESPACE, archiveBucket, leaseUrl } from './names';
import { databaseAddress } from './ranges';

const ACCOUNT = '{account}';

/**
 * A database machine of a site, as its scripts know it. The first follows the primary; the second follows the first, at
 * its fixed address, so that nothing has to be done there when the first is promoted.
 */
export function standbyMachine(site: Site, database: DatabaseMachines, index: number): StandbyMachine {
  const { synchronization, activation, region } = site;
  const { primary, archive, method } = synchronization;
  if (method === 'backup_restore' || !primary) throw new Error(`${site.name} follows no server`);
  const account = site.account ?? ACCOUNT;
  const shipped = index === 0 && method === 'log_shipping';
  return {
    site: site.name,
    cloud: 'aws',
    region,
    version: database.version,
    method: shipped ? 'log_shipping' : 'streaming_replication',
    primary:
      index === 0
        ? { host: primary.host ?? '', port: primary.port }
        : { host: databaseAddress(site.network.cidr, region, 0), port: 5432 },
    slot: slotOf(site.name, index),
    ...(primary.database !== undefined && { database: primary.database }),
    secret: primary.secret,
    ...(shipped &&
      archive && {
        archive: {
          cloud: 'aws',
          store: archiveBucket(archive.name, { account, region }),
          region,
          path: archive.path,
        },
      }),
    lease: { url: leaseUrl(site, account), seconds: activation.leaseSeconds },
    volumeGiB: database.volume.sizeGiB,
    metric: { namespace: SITE_NAMESPACE, name: lagName(index) },
  };
}

/** Its installer. */
export function standbyInstaller(site: Site, database: DatabaseMachines): (index: number) => string {
  return (index) => renderStandbyInstaller(standbyMachine(site, database, index));
}
