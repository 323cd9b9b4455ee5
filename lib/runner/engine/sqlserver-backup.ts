import { EngineError } from './engine';
import type { BackupHeader, SetType } from './sqlserver-header';
import { getLock } from './sqlserver-lock';
import { NOW } from './sqlserver-server';
import { identifier, literal } from './sqlserver-statement';

export interface BackupStatement {
  readonly database: string;
  readonly type: SetType;
  readonly copyOnly: boolean;
  /** As the server sees it. */
  readonly file: string;
  /** Of the backup set, in the server's own history. */
  readonly name: string;
  /** The run that takes it, in the same place. */
  readonly run: string | undefined;
  readonly compression: 'COMPRESSION' | 'NO_COMPRESSION' | undefined;
  readonly checksum: boolean;
  /** Held while the server writes. */
  readonly workLock: string;
}

/** Longest name of a backup set. */
const LONGEST_NAME = 128;

/**
 * Answers with the time at which the server began, in UTC.
 * https://learn.microsoft.com/sql/t-sql/statements/backup-transact-sql
 */
export function backupStatement(backup: BackupStatement): string {
  const { database, type, copyOnly, file, name, run, compression, checksum, workLock } = backup;
  if (type === 'differential' && copyOnly) throw new Error('a differential backup is never a copy');
  const options = [
    'FORMAT',
    'INIT',
    `NAME = ${literal(name.slice(0, LONGEST_NAME))}`,
    ...(run === undefined ? [] : [`DESCRIPTION = ${literal(run)}`]),
    ...(type === 'differential' ? ['DIFFERENTIAL'] : []),
    ...(copyOnly ? ['COPY_ONLY'] : []),
    ...(compression === undefined ? [] : [compression]),
    checksum ? 'CHECKSUM' : 'NO_CHECKSUM',
  ];
  return [
    'DECLARE @held int;',
    getLock('@held', workLock),
    "IF @held < 0 BEGIN RAISERROR(N'another run of this task is being written', 16, 1); RETURN; END;",
    `SET @answer = ${NOW};`,
    `BACKUP ${type === 'log' ? 'LOG' : 'DATABASE'} ${identifier(database)} TO DISK = ${literal(file)} WITH ${options.join(', ')};`,
  ].join(' ');
}

/** Reads the whole file again, as a restore would, and answers with its header. */
export function verifyStatement(file: string, checksum: boolean): string {
  const device = `FROM DISK = ${literal(file)}`;
  return `RESTORE VERIFYONLY ${device}${checksum ? ' WITH CHECKSUM' : ''}; RESTORE HEADERONLY ${device};`;
}

/** A file that says other things of itself than what was asked for is not what it was taken for. */
export function checkHeader(header: BackupHeader, { database, type, copyOnly, checksum }: BackupStatement): void {
  const wrong = [
    ...(header.type === type ? [] : [`a ${header.type} backup instead of a ${type} one`]),
    ...(header.copyOnly === copyOnly ? [] : [header.copyOnly ? 'a copy' : 'no copy']),
    ...(header.damaged ? ['of a damaged database'] : []),
    ...(checksum && !header.checksums ? ['without checksums'] : []),
  ];
  if (wrong.length === 0) return;
  throw new EngineError('source', `the backup of database "${database}" is ${wrong.join(', ')}`, 'run it again');
}
