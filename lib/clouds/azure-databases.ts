import { azureVmSizes } from './azure-vm-sizes';
import type { DatabaseEngine, DatabaseHosting, NameRule } from './cloud';
import { KNOWN, UNKNOWN, malformed } from './name-rule';
import { namesFrom } from './size-table';

const TO_64 = '2 4 8 16 32 48 64';
const TO_96 = `${TO_64} 96`;
/** Tier (burstable, general purpose, memory optimized) and the size of the machine under the server. */
const PATTERN = /^(?:B_Standard_B|GP_Standard_D|MO_Standard_E)[A-Z]?\d+[a-z]*(?:_v\d{1,2})?$/;
const TIER = /^(?:B|GP|MO)_/;

/** @see https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute */
const POSTGRESQL = namesFrom({
  'B_Standard_B#': '1ms 2s 2ms 4ms 8ms 12ms 16ms 20ms',
  'GP_Standard_D#s_v3': TO_64,
  'GP_Standard_D#ds_v4': TO_64,
  'GP_Standard_D#ds_v5': TO_96,
  'GP_Standard_D#ads_v5': TO_96,
  'GP_Standard_DC#ads_v5': TO_96,
  'MO_Standard_E#s_v3': '2 4 8 16 20 32 48 64',
  'MO_Standard_E#ds_v4': '2 4 8 16 20 32 48 64',
  'MO_Standard_E#ds_v5': '2 4 8 16 20 32 48 64 96',
  'MO_Standard_E#ads_v5': TO_96,
});

/** @see https://learn.microsoft.com/azure/mysql/flexible-server/concepts-service-tiers-storage */
const MYSQL = namesFrom({
  'B_Standard_B#': '1s 1ms 2s 2ms 4ms 8ms 12ms 16ms 20ms',
  'GP_Standard_D#ds_v4': TO_64,
  'GP_Standard_D#ads_v5': TO_64,
  'MO_Standard_E#ds_v4': '2 4 8 16 32 48 64 80i',
  'MO_Standard_E#ds_v5': TO_96,
  'MO_Standard_E#ads_v5': TO_64,
});

/** A machine's size is as good as a class of the service: it says that the standby is a virtual machine. */
function flexibleServerClasses(classes: ReadonlySet<string>, source: string): NameRule {
  return {
    text: 'a class of a flexible server, such as GP_Standard_D2ds_v5, or a size of a virtual machine',
    source,
    judge(name) {
      if (!TIER.test(name)) return azureVmSizes.judge(name);
      if (classes.has(name)) return KNOWN;
      return PATTERN.test(name)
        ? UNKNOWN
        : malformed('is not written like a class of a flexible server (GP_Standard_D2ds_v5)');
    },
  };
}

function machinesOnly(why: string): NameRule {
  return {
    text: `${azureVmSizes.text}: ${why}`,
    source: azureVmSizes.source,
    judge: (name) =>
      TIER.test(name) ? malformed(`is a class of a flexible server, but ${why}`) : azureVmSizes.judge(name),
  };
}

export const azureDatabaseClasses: Readonly<Record<DatabaseEngine, NameRule>> = {
  postgresql: flexibleServerClasses(
    POSTGRESQL,
    'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute',
  ),
  mysql: flexibleServerClasses(
    MYSQL,
    'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-service-tiers-storage',
  ),
  /** Retired on 19 September 2025: https://learn.microsoft.com/azure/mariadb/whats-happening-to-mariadb */
  mariadb: machinesOnly('Azure has no managed MariaDB any more'),
  sqlserver: machinesOnly('flexible servers are PostgreSQL and MySQL only'),
};

export function azureHosting(databaseClass: string): DatabaseHosting {
  return TIER.test(databaseClass) ? 'managed' : 'machine';
}

/** Classes of flexible servers are sizes of machines with their tier before them. */
export function azureMachineOf(databaseClass: string): string {
  return databaseClass.replace(TIER, '');
}
