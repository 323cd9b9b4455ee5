import type { BackupStream, TaskManifest } from '../../contract';
import { EngineError } from './engine';
import { conninfo } from './postgresql-session';

type DumpFormat = 'custom' | 'directory' | 'plain' | 'tar';

/** What the spec asks of pg_dump. */
export interface DumpOptions {
  readonly format: DumpFormat;
  readonly compress: boolean;
  readonly jobs: number;
  readonly excludeTables: readonly string[];
  readonly schema: boolean;
  readonly data: boolean;
}

export function dumpOptions({ name, options }: Pick<TaskManifest, 'name' | 'options'>): DumpOptions {
  const { format = 'custom', compression = true, parallel_jobs: jobs = 1, exclude_tables: excluded = [] } = options;
  const { include_schema: schema = true, include_data: data = true } = options;
  if (!isFormat(format)) throw new EngineError('config', `task ${name}: pg_dump knows no format "${String(format)}"`);
  if (schema === false && data === false) {
    throw new EngineError(
      'config',
      `task ${name}: neither definitions nor rows would be backed up`,
      'set include_schema or include_data',
    );
  }
  return {
    format,
    compress: compression !== false,
    jobs: typeof jobs === 'number' ? jobs : 1,
    excludeTables: Array.isArray(excluded) ? excluded : [],
    schema: schema !== false,
    data: data !== false,
  };
}

const FORMATS: readonly unknown[] = ['custom', 'directory', 'plain', 'tar'] satisfies DumpFormat[];

function isFormat(value: unknown): value is DumpFormat {
  return FORMATS.includes(value);
}

/** Formats that compress inside; the others are compressed by the run, as the type of backup says. */
export function compressesInside({ format, compress }: DumpOptions): boolean {
  return compress && (format === 'custom' || format === 'directory');
}

export const STREAM_FORMATS: Readonly<Record<DumpFormat, BackupStream['format']>> = {
  custom: 'pg_custom',
  directory: 'pg_directory_tar',
  plain: 'pg_plain',
  tar: 'pg_tar',
};

/** Minutes for which pg_dump waits behind another's lock on a table. */
const LOCK_WAIT_MINUTES = 10;

export interface DumpOf {
  readonly database: string;
  readonly snapshot: string;
  readonly excludePatterns: readonly string[];
  /** Folder of the directory format. */
  readonly folder?: string;
}

/**
 * Arguments of pg_dump (https://www.postgresql.org/docs/current/app-pgdump.html). Jobs only with the directory format;
 * `-Z 0` in formats that would compress by themselves, so that the run's own compression finds something to do.
 */
export function dumpArguments(
  options: DumpOptions,
  { database, snapshot, excludePatterns, folder }: DumpOf,
): readonly string[] {
  const { format } = options;
  const compressible = format === 'custom' || format === 'directory';
  return [
    `--format=${format}`,
    '--no-password',
    `--lock-wait-timeout=${LOCK_WAIT_MINUTES * 60_000}`,
    `--snapshot=${snapshot}`,
    ...(compressible && !options.compress ? ['--compress=0'] : []),
    ...(folder === undefined ? [] : [`--file=${folder}`, `--jobs=${options.jobs}`]),
    ...(options.schema ? [] : ['--data-only']),
    ...(options.data ? [] : ['--schema-only']),
    ...excludePatterns.map((pattern) => `--exclude-table-data=${pattern}`),
    `--dbname=${conninfo(database)}`,
  ];
}
