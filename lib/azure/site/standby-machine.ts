import { secretNameIn } from '../../contract';
import type { Site } from '../../contract/site';
import { quoted } from '../../hosts/shell';
import { followerOf } from '../../hosts/standby';
import type { StandbyBackups, StandbyMachine } from '../../hosts/standby';
import { patiently, TIME_LEFT } from './patience';
import type { DatabaseMachines } from './standby';
import { databaseAddress } from './ranges';

/** Stands in scripts for the address of the vault, which only the deployment knows. */
export const VAULT_MARK = '@VAULT_URL@';

/** Name of the number that says how far a database is behind, as alarms look for it. */
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
  const { primary, archive } = site.synchronization;
  return followerOf(site, database, {
    index,
    first: databaseAddress(site.network.cidr, 0),
    secret: `${VAULT_MARK}/secrets/${secretNameIn('azure', primary?.secret ?? '')}`,
    leaseUrl,
    archiveStore: archive?.name ?? '',
    metric: { namespace: 'hypnoscript-dr', name: LAG_METRIC, site: site.prefix },
    backups,
  });
}

/** Whether the first machine could be the primary, asked before the old one loses its lease. */
export const ABLE = ['set -euo pipefail', '/usr/local/sbin/hypdr-standby able'].join('\n');

/** Makes the first machine the primary, which it does once the old one has no lease, and says what was there. */
export function promoteScript(site: string): string {
  return [
    'set -euo pipefail',
    ...patiently(`/usr/local/sbin/hypdr-standby promote ${quoted(site)}`, TIME_LEFT),
    'cat /var/lib/hypnoscript-dr/promotion.json',
  ].join('\n');
}

/**
 * The script of a machine's first start, as an expression of Terraform: it fills in the vault, and packs the text, since
 * a machine takes 64 kB. cloud-init unpacks it.
 * @see https://cloudinit.readthedocs.io/en/latest/explanation/format.html
 */
export function customData(script: string): string {
  const text = `base64decode("${Buffer.from(script).toString('base64')}")`;
  const filled = script.includes(VAULT_MARK) ? `replace(${text}, "${VAULT_MARK}", local.secrets_vault_url)` : text;
  return `\${base64gzip(${filled})}`;
}
