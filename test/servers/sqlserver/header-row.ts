import { lsnText } from './model';
import type { BackupSet } from './model';

const TYPES = {
  full: ['1', 'Database'],
  log: ['2', 'Transaction Log'],
  differential: ['5', 'Database Differential'],
} as const;

/** All columns of RESTORE HEADERONLY in SQL Server 2022, in their order. */
export function headerRow(set: BackupSet): {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const [type, description] = TYPES[set.kind];
  const lsn = (value: number | null) => (value === null ? 'NULL' : lsnText(value));
  const flag = (value: boolean) => (value ? '1' : '0');
  const date = '2026-11-22 03:15:00.000';
  const size = `${100_000 + set.changes.length * 1000}`;
  const columns: readonly (readonly [string, string])[] = [
    ['BackupName', set.name],
    ['BackupDescription', 'NULL'],
    ['BackupType', type],
    ['ExpirationDate', 'NULL'],
    ['Compressed', flag(set.compressed)],
    ['Position', '1'],
    ['DeviceType', '2'],
    ['UserName', set.user],
    ['ServerName', 'DB1'],
    ['DatabaseName', set.database],
    ['DatabaseVersion', '957'],
    ['DatabaseCreationDate', date],
    ['BackupSize', size],
    ['FirstLSN', lsn(set.firstLsn)],
    ['LastLSN', lsn(set.lastLsn)],
    ['CheckpointLSN', lsn(set.checkpointLsn)],
    ['DatabaseBackupLSN', lsn(set.databaseBackupLsn)],
    ['BackupStartDate', date],
    ['BackupFinishDate', date],
    ['SortOrder', '52'],
    ['CodePage', '0'],
    ['UnicodeLocaleId', '1033'],
    ['UnicodeComparisonStyle', '196609'],
    ['CompatibilityLevel', '160'],
    ['SoftwareVendorId', '4608'],
    ['SoftwareVersionMajor', '16'],
    ['SoftwareVersionMinor', '0'],
    ['SoftwareVersionBuild', '4135'],
    ['MachineName', 'DB1'],
    ['Flags', '528'],
    ['BindingID', set.databaseGuid],
    ['RecoveryForkID', set.fork],
    ['Collation', 'SQL_Latin1_General_CP1_CI_AS'],
    ['FamilyGUID', set.familyGuid],
    ['HasBulkLoggedData', '0'],
    ['IsSnapshot', '0'],
    ['IsReadOnly', '0'],
    ['IsSingleUser', '0'],
    ['HasBackupChecksums', flag(set.checksums)],
    ['IsDamaged', '0'],
    ['BeginsLogChain', '0'],
    ['HasIncompleteMetaData', '0'],
    ['IsForceOffline', '0'],
    ['IsCopyOnly', flag(set.copyOnly)],
    ['FirstRecoveryForkID', set.fork],
    ['ForkPointLSN', 'NULL'],
    ['RecoveryModel', 'FULL'],
    ['DifferentialBaseLSN', lsn(set.baseLsn)],
    ['DifferentialBaseGUID', set.baseGuid ?? 'NULL'],
    ['BackupTypeDescription', description],
    ['BackupSetGUID', set.guid],
    ['CompressedBackupSize', size],
    ['containment', '0'],
    ['KeyAlgorithm', 'NULL'],
    ['EncryptorThumbprint', 'NULL'],
    ['EncryptorType', 'NULL'],
    ['LastValidRestoreTime', 'NULL'],
    ['TimeZone', '4'],
    ['CompressionAlgorithm', set.compressed ? 'MS_XPRESS' : 'NULL'],
  ];
  return { names: columns.map(([name]) => name), rows: [columns.map(([, value]) => value)] };
}
