import type { Site } from '../../contract/site';
import { followerOf, renderStandbyInstaller } from '../../hosts/standby';
import type { StandbyBackups, StandbyMachine } from '../../hosts/standby';
import { lagName } from './lag-alarm';
import type { DatabaseMachines } from './machines';
import { SITE_NAMESPACE, archiveBucket, leaseUrl, siteDimension } from './names';
import { databaseAddress } from './ranges';

const ACCOUNT = '{account}';

/**
 * A database machine of a site that follows, as its scripts know it.
 * @param backups - @default - it takes none
 */
export function standbyMachine(
  site: Site,
  database: DatabaseMachines,
  index: number,
  backups?: StandbyBackups,
): StandbyMachine {
  const { synchronization, region } = site;
  const account = site.account ?? ACCOUNT;
  const machine = followerOf(site, database, {
    index,
    first: databaseAddress(site.network.cidr, region, 0),
    secret: synchronization.primary?.secret ?? '',
    leaseUrl: leaseUrl(site, account),
    archiveStore: archiveBucket(synchronization.archive?.name ?? '', { account, region }),
    metric: { namespace: SITE_NAMESPACE, name: lagName(index), site: siteDimension(site).value },
    backups,
  });
  if (!machine) throw new Error(`${site.name} follows no server`);
  return machine;
}

/** Its installer. */
export function standbyInstaller(
  site: Site,
  database: DatabaseMachines,
  backups?: StandbyBackups,
): (index: number) => string {
  return (index) => renderStandbyInstaller(standbyMachine(site, database, index, backups));
}
