import type { SqlDatabaseInstanceSettings } from '@cdktf/provider-google/lib/sql-database-instance';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';

type Engine = 'postgresql' | 'mysql' | 'mariadb';

/** Longest that the edition keeps logs for restores to a moment. @see https://cloud.google.com/sql/docs/editions-intro */
const LOG_DAYS = 7;

/**
 * The edition that has a tier. The one without a name of its own would be the dearer for newer versions, and refuse every
 * custom tier.
 */
export function editionOf(tier: string): 'ENTERPRISE' | 'ENTERPRISE_PLUS' {
  return /^db-(?:perf-optimized-N|c4a-highmem)-/.test(tier) ? 'ENTERPRISE_PLUS' : 'ENTERPRISE';
}

/** `POSTGRES_16`, `MYSQL_8_0`. @see https://cloud.google.com/sql/docs/db-versions */
export function versionOf(engine: Engine, version: string): string {
  return engine === 'postgresql' ? `POSTGRES_${version}` : `MYSQL_${version.replace('.', '_')}`;
}

export interface SqlSettingsProps {
  readonly tier: string;
  readonly network: SiteNetwork;
  readonly frame: SiteFrame;
}

/** What every managed database of a site has: private, encrypted on the way, and not deleted by anybody by accident. */
export function sqlSettings({ tier, network, frame }: SqlSettingsProps) {
  return {
    tier,
    edition: editionOf(tier),
    diskType: 'PD_SSD',
    diskAutoresize: true,
    deletionProtectionEnabled: true,
    ipConfiguration: {
      ipv4Enabled: false,
      privateNetwork: network.network.id,
      sslMode: 'ENCRYPTED_ONLY',
    },
    locationPreference: { zone: frame.zones[0] ?? '' },
  } as const satisfies SqlDatabaseInstanceSettings;
}

/** Backups of a database that people write to once the site is active. */
export function sqlBackups(engine: Engine) {
  return {
    enabled: true,
    startTime: '02:00',
    transactionLogRetentionDays: LOG_DAYS,
    ...(engine === 'postgresql' ? { pointInTimeRecoveryEnabled: true } : { binaryLogEnabled: true }),
  } as const;
}

/** Who came and went, and what waited for whom, are in the log of the database. MySQL has no such flags. */
export function sqlFlags(engine: Engine) {
  if (engine !== 'postgresql') return {};
  const names = ['log_checkpoints', 'log_connections', 'log_disconnections', 'log_lock_waits'];
  return { databaseFlags: names.map((name) => ({ name, value: 'on' })) };
}
