import type { DumpOptions } from './postgresql-options';

/** From here on the restore of one archive that was written into a pipe is a matter of hours on most disks. */
export const LARGE_BYTES = 100e9;

interface SizedDatabase {
  readonly database: string;
  /** On the server's disk, with indexes. */
  readonly bytes: number;
}

/**
 * What is proposed for a large database. An archive that pg_dump writes into a pipe holds no offsets, so that each job of
 * `pg_restore -j` looks for its table from the start; the other formats know no jobs at all
 * (https://www.postgresql.org/docs/current/app-pgrestore.html). The format stays the spec's: `directory` needs room for
 * the whole dump on the host that takes it.
 */
export function proposedFormat(
  { database, bytes }: SizedDatabase,
  { format, data }: Pick<DumpOptions, 'format' | 'data'>,
): string | undefined {
  if (format === 'directory' || !data || bytes < LARGE_BYTES) return undefined;
  const size = `${Math.floor(bytes / 1e9)} GB`;
  return `"${database}" has ${size} on disk and is dumped in the format ${format}, which several jobs restore slowly or not at all: consider format: "directory" with parallel_jobs, which needs room for the dump in the state folder`;
}
