import { lsnText } from './model';
import type { BackupSet } from './model';

const TYPES = {
  full: ['1', 'Database'],
  log: ['2', 'Transaction Log'],
  differential: ['5', 'Database Differential'],
} as const;

/** Of the server that wrote it, without its zone and in whole seconds. */
export function localText({ startedAt, zone }: Pick<BackupSet, 'startedAt' | 'zone'>): string {
  const time = new Date(startedAt + zone * 60_000).toISOString();
  return `${time.slice(0, 10)} ${time.slice(11, 19)}.000`;
}

/** All columns of RESTORE FILELISTONLY in SQL Server 2022, in their order. */
export function fileRows({ files, thumbprint }: BackupSet): {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const names =
    'LogicalName PhysicalName Type FileGroupName Size MaxSize FileId CreateLSN DropLSN UniqueId ReadOnlyLSN ReadWriteLSN BackupSizeInBytes SourceBlockSize FileGroupId LogGroupGUID DifferentialBaseLSN DifferentialBaseGUID IsReadOnly IsPresent TDEThumbprint SnapshotUrl';
  const rows = files.map(({ name, path, type }, index) => [
    ...[name, path, type, type === 'D' ? 'PRIMARY' : 'NULL', '8388608', '35184372080640', `${index + 1}`],
    ...['0', '0', 'NULL', '0', '0', '3145728', '512', '1', 'NULL', '0', 'NULL', '0', '1', thumbprint ?? 'NULL', 'NULL'],
  ]);
  return { names: names.split(' '), rows };
}

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
    ['BackupStartDate', localText(set)],
    ['BackupFinishDate', localText(set)],
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
