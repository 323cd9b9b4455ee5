import { EngineError } from './engine';
import type { Row } from './sqlserver-client';

export type SetType = 'full' | 'differential' | 'log';

/**
 * What a backup file says of itself. LSNs are decimal numbers of up to 25 digits, GUIDs in capitals.
 * https://learn.microsoft.com/sql/t-sql/statements/restore-statements-headeronly-transact-sql
 */
export interface BackupHeader {
  readonly type: SetType;
  readonly copyOnly: boolean;
  readonly compressed: boolean;
  readonly checksums: boolean;
  readonly damaged: boolean;
  /** Of the set in its file. */
  readonly position: number;
  readonly backupSetGuid: string;
  readonly firstLsn: string;
  /** The next log record after the backup. */
  readonly lastLsn: string;
  readonly checkpointLsn: string;
  /** Of the newest full before it. */
  readonly databaseBackupLsn: string;
  /** Of a differential: the full that it follows. */
  readonly baseGuid: string | undefined;
  readonly baseLsn: string | undefined;
  /** Recovery forks in which it begins and ends: a restore with recovery begins a new one. */
  readonly firstFork: string;
  readonly fork: string;
  readonly databaseGuid: string;
  readonly familyGuid: string;
  /** Of the data before compression. */
  readonly bytes: number;
}

const TYPES: Readonly<Record<string, SetType>> = { '1': 'full', '2': 'log', '5': 'differential' };

export function headerOf(row: Row, what: string): BackupHeader {
  const text = (name: string): string | undefined => {
    const value = row.get(name);
    return value === undefined || value === '' || value === 'NULL' ? undefined : value;
  };
  const must = (name: string): string => {
    const value = text(name);
    if (value === undefined) throw new EngineError('source', `${what}: its header has no ${name}`);
    return value;
  };
  const guid = (name: string) => must(name).toUpperCase();
  const type = TYPES[must('BackupType')];
  if (!type) throw new EngineError('source', `${what}: it is of type ${must('BackupType')}`);
  return {
    type,
    copyOnly: must('IsCopyOnly') === '1',
    compressed: must('Compressed') === '1',
    checksums: must('HasBackupChecksums') === '1',
    damaged: must('IsDamaged') === '1',
    position: Number(must('Position')),
    backupSetGuid: guid('BackupSetGUID'),
    firstLsn: must('FirstLSN'),
    lastLsn: must('LastLSN'),
    checkpointLsn: must('CheckpointLSN'),
    databaseBackupLsn: must('DatabaseBackupLSN'),
    baseGuid: text('DifferentialBaseGUID')?.toUpperCase(),
    baseLsn: text('DifferentialBaseLSN'),
    firstFork: guid('FirstRecoveryForkID'),
    fork: guid('RecoveryForkID'),
    databaseGuid: guid('BindingID'),
    familyGuid: guid('FamilyGUID'),
    bytes: Number(must('BackupSize')),
  };
}
