import type { DatabaseEngine, DatabaseHosting, NameRule, NameVerdict, Reading } from './cloud';
import { googleMachineTypes } from './google-machine-types';
import { KNOWN, UNKNOWN, malformed, refused } from './name-rule';
import { hasSize, sizeTable } from './size-table';

const CUSTOM = /^db-custom-(\d{1,6})-(\d{1,6}(?:\.\d{1,3})?)$/;
const TIER = /^(db-[a-z0-9]+(?:-[A-Za-z0-9]+)*?)-(\d+)$/;
const SHARED_CORE = ['db-f1-micro', 'db-g1-small'];

/** https://cloud.google.com/sql/docs/postgres/create-instance#machine-types, custom machine types */
const MOST_CPUS = 96;
const STEP_MB = 256;
const LEAST_MB = 3840;
const LEAST_MB_EACH = 0.9 * 1024;
const MOST_MB_EACH = 6.5 * 1024;
/** More GB than this no instance has (96 times 6.5), and so many MB are too few for one: the two readings never meet. */
const MOST_GB = 624;

/** Cloud SQL wants the memory in MB; people write GB. A tier that is not custom is answered as it is. */
export function normaliseCloudSqlTier(tier: string): Reading<string> {
  if (!tier.startsWith('db-custom-')) return { ok: true, value: tier };
  const match = CUSTOM.exec(tier);
  if (!match) return refused('is not written like db-custom-<vCPU>-<MB> (db-custom-2-8192)');
  const cpus = Number(match[1]);
  const written = Number(match[2]);
  const megabytes = written <= MOST_GB ? written * 1024 : written;
  if (cpus < 1 || cpus > MOST_CPUS || (cpus > 1 && cpus % 2 !== 0)) {
    return refused(`asks for ${cpus} vCPUs, needs 1 or an even number to ${MOST_CPUS}`);
  }
  if (megabytes % STEP_MB !== 0) return refused(`asks for ${megabytes} MB, which is no multiple of ${STEP_MB} MB`);
  if (megabytes < LEAST_MB) return refused(`asks for ${megabytes} MB, needs at least ${LEAST_MB}`);
  if (megabytes < cpus * LEAST_MB_EACH || megabytes > cpus * MOST_MB_EACH) {
    const each = Number((megabytes / 1024 / cpus).toFixed(2));
    return refused(`asks for ${each} GB for each of ${cpus} vCPUs, needs 0.9 to 6.5`);
  }
  return { ok: true, value: `db-custom-${cpus}-${megabytes}` };
}

/** @see https://cloud.google.com/sql/docs/postgres/machine-series-overview */
const PREDEFINED = sizeTable([
  ['2 4 8 16 32 48 64 80 96 128', 'db-perf-optimized-N'],
  ['1 2 4 8 16 32 48 64 72', 'db-c4a-highmem'],
]);
/** Left over from the first generation, for MySQL only: https://cloud.google.com/sql/docs/mysql/instance-settings */
const LEGACY = sizeTable([
  ['1 2 4 8 16 32 64 96', 'db-n1-standard'],
  ['2 4 8 16 32 64 96', 'db-n1-highmem'],
]);

function cloudSqlClasses(source: string, refusal: (tier: string) => string | undefined): NameRule {
  return {
    text: 'a tier of Cloud SQL, such as db-custom-2-8192 or db-perf-optimized-N-4',
    source,
    judge(name): NameVerdict {
      if (googleMachineTypes.judge(name).kind !== 'malformed') {
        return malformed('is a machine type, Cloud SQL takes tiers such as db-custom-2-8192');
      }
      const reading = normaliseCloudSqlTier(name);
      if (!reading.ok) return malformed(reading.why);
      const why = refusal(name);
      if (why !== undefined) return malformed(why);
      if (name.startsWith('db-custom-') || SHARED_CORE.includes(name)) return KNOWN;
      const match = TIER.exec(name);
      if (!match) return malformed('is not written like a tier of Cloud SQL (db-custom-2-8192)');
      const [, series = '', size = ''] = match;
      return hasSize(PREDEFINED, series, size) || hasSize(LEGACY, series, size) ? KNOWN : UNKNOWN;
    },
  };
}

const isLegacy = (tier: string) => tier.startsWith('db-n1-');

export const googleDatabaseClasses: Readonly<Record<DatabaseEngine, NameRule>> = {
  postgresql: cloudSqlClasses('https://cloud.google.com/sql/docs/postgres/machine-series-overview', (tier) =>
    isLegacy(tier) ? 'is a tier of MySQL, PostgreSQL takes db-custom-<vCPU>-<MB>' : undefined,
  ),
  mysql: cloudSqlClasses('https://cloud.google.com/sql/docs/mysql/machine-series-overview', () => undefined),
  /** https://cloud.google.com/sql/docs/sqlserver/machine-series-overview: no shared cores, no Arm */
  sqlserver: cloudSqlClasses('https://cloud.google.com/sql/docs/sqlserver/machine-series-overview', (tier) => {
    if (SHARED_CORE.includes(tier)) return 'has a shared core, which SQL Server does not take';
    if (tier.startsWith('db-c4a-')) return 'is an Arm machine, which SQL Server does not run on';
    return isLegacy(tier) ? 'is a tier of MySQL, SQL Server takes db-custom-<vCPU>-<MB>' : undefined;
  }),
  /** Cloud SQL has PostgreSQL, MySQL and SQL Server only: https://cloud.google.com/sql/docs/introduction */
  mariadb: {
    text: `${googleMachineTypes.text}: Google Cloud has no managed MariaDB`,
    source: googleMachineTypes.source,
    judge: (name) =>
      name.startsWith('db-')
        ? malformed('is a tier of Cloud SQL, which has no MariaDB: give a machine type (n2-standard-4)')
        : googleMachineTypes.judge(name),
  },
};

export function cloudSqlHosting(databaseClass: string): DatabaseHosting {
  return databaseClass.startsWith('db-') ? 'managed' : 'machine';
}

/**
 * What a tier of Cloud SQL has, as a machine: the same processors and memory where a series takes any number, else the
 * next of its kind. Enterprise Plus has 8 GB for each vCPU.
 * @see https://cloud.google.com/sql/docs/postgres/machine-series-overview
 * @see https://cloud.google.com/compute/docs/instances/creating-instance-with-custom-machine-type
 */
export function googleMachineOf(databaseClass: string): string {
  const reading = normaliseCloudSqlTier(databaseClass);
  const tier = reading.ok ? reading.value : databaseClass;
  if (tier.startsWith('db-custom-1-')) return tier.replace('db-custom', 'n1-custom');
  if (tier.startsWith('db-custom-')) return tier.replace('db-custom', 'n2-custom');
  if (tier.startsWith('db-perf-optimized-N-')) return tier.replace('db-perf-optimized-N', 'n2-highmem');
  if (tier === 'db-f1-micro') return 'e2-micro';
  if (tier === 'db-g1-small') return 'e2-small';
  return tier.replace(/^db-/, '');
}
