import { z } from 'zod';
import type { BackupManifest } from '../../contract';
import type { DatabaseFile } from './sqlserver-catalogue';
import type { BackupHeader } from './sqlserver-header';

/** 25 digits at most. */
const Lsn = z.string().regex(/^\d{1,25}$/);

/**
 * What a manifest says of one database, as JSON under `database.<name>` in `source.position`: the facts of the backup's
 * own header, by which the next run knows whether it may follow, and a restore what goes before it.
 */
const Record = z.object({
  type: z.enum(['full', 'differential', 'log']),
  /** The last of its streams in this run; `null` where the run did not take it, and says what an earlier one said. */
  stream: z.string().nullable(),
  /** When the server began to write it; of a log that an earlier run had written nobody knows. */
  at: z.string().optional(),
  copy_only: z.boolean(),
  backup_set_guid: z.string(),
  first_lsn: Lsn,
  last_lsn: Lsn,
  checkpoint_lsn: Lsn,
  database_backup_lsn: Lsn,
  differential_base_guid: z.string().optional(),
  differential_base_lsn: Lsn.optional(),
  first_recovery_fork_guid: z.string(),
  recovery_fork_guid: z.string(),
  database_guid: z.string(),
  family_guid: z.string(),
  position: z.int(),
  /** Why a full was taken where an increment was asked for. */
  because: z.string().optional(),
  files: z.array(z.object({ name: z.string(), path: z.string(), type: z.string() })).optional(),
});

export type DatabaseRecord = z.infer<typeof Record>;

const PREFIX = 'database.';

export function recordKey(database: string): string {
  return `${PREFIX}${database}`;
}

export function encodeRecord(record: DatabaseRecord): string {
  return JSON.stringify(record);
}

export interface TakenFacts {
  readonly stream: string;
  readonly at: Date | undefined;
  readonly because: string | undefined;
  /** The files that a restore has to find places for. */
  readonly files: readonly DatabaseFile[];
}

export function recordOf(header: BackupHeader, { stream, at, because, files }: TakenFacts): DatabaseRecord {
  return {
    type: header.type,
    stream,
    ...(at && { at: at.toISOString() }),
    copy_only: header.copyOnly,
    backup_set_guid: header.backupSetGuid,
    first_lsn: header.firstLsn,
    last_lsn: header.lastLsn,
    checkpoint_lsn: header.checkpointLsn,
    database_backup_lsn: header.databaseBackupLsn,
    ...(header.baseGuid !== undefined && { differential_base_guid: header.baseGuid }),
    ...(header.baseLsn !== undefined && { differential_base_lsn: header.baseLsn }),
    first_recovery_fork_guid: header.firstFork,
    recovery_fork_guid: header.fork,
    database_guid: header.databaseGuid,
    family_guid: header.familyGuid,
    position: header.position,
    ...(because !== undefined && { because }),
    ...(header.type === 'full' && { files: files.map(({ name, path, type }) => ({ name, path, type })) }),
  };
}

/** The databases of a manifest; what is not of this shape is not there, and so cannot be followed. */
export function recordsOf(manifest: Pick<BackupManifest, 'source'>): ReadonlyMap<string, DatabaseRecord> {
  const records = new Map<string, DatabaseRecord>();
  for (const [key, value] of Object.entries(manifest.source.position)) {
    if (!key.startsWith(PREFIX)) continue;
    const parsed = Record.safeParse(jsonOf(value));
    if (parsed.success) records.set(key.slice(PREFIX.length), parsed.data);
  }
  return records;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
