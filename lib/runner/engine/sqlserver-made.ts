import { z } from 'zod';
import type { BackupManifest } from '../../contract';
import { EngineError } from './engine';
import type { RunName } from './engine';
import type { SqlServerClient } from './sqlserver-client';
import { isDenied } from './sqlserver-error';
import type { DatabaseRecord } from './sqlserver-position';
import { literal } from './sqlserver-statement';

/** What the server's own history says of a backup that it made. */
const Made = z.object({
  guid: z.string(),
  /** D: full, I: differential, L: log */
  type: z.string(),
  lastLsn: z.string(),
  fork: z.string(),
  /** The run that took it. @default - another program, or this one before it noted runs */
  run: z.string().nullable(),
});

export type Made = z.infer<typeof Made>;

const LETTERS: Readonly<Record<DatabaseRecord['type'], string>> = { full: 'D', differential: 'I', log: 'L' };
const GUID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i;
/** Of one question, since the statement goes over a command line. */
const AT_ONCE = 100;

/**
 * The history of some backups, as far as the server knows them.
 * https://learn.microsoft.com/sql/relational-databases/system-tables/backupset-transact-sql
 */
async function readMade(client: SqlServerClient, guids: readonly string[]): Promise<readonly Made[]> {
  const asked = guids.filter((guid) => GUID.test(guid));
  const made: Made[] = [];
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const list = asked.slice(at, at + AT_ONCE).map((guid) => literal(guid));
    const statement = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT CONVERT(varchar(36), b.backup_set_uuid) AS [guid],
    b.type AS [type], CONVERT(varchar(25), b.last_lsn) AS [lastLsn],
    CONVERT(varchar(36), b.last_recovery_fork_guid) AS [fork], b.description AS [run]
    FROM msdb.dbo.backupset AS b WHERE b.backup_set_uuid IN (${list.join(', ')}) FOR JSON PATH, INCLUDE_NULL_VALUES);`;
    made.push(...(await client.ask('the history of backups', statement, z.array(Made).default([]))));
  }
  return made;
}

/** What a run writes into the history beside each backup that it takes: `<slot>-<type>-<attempt>`. */
export function runText({ slot, type, attempt }: RunName): string {
  return `${slot}-${type}-${attempt}`;
}

/**
 * Why the server's history does not bear out what a manifest says of a database; `undefined` where it does. Who may
 * write into a store can say any position there, that of another backup too: the history says of which run each is, and
 * nobody can publish under the name of that run once more.
 */
export function contradiction(record: DatabaseRecord, made: readonly Made[], manifest: RunName): string | undefined {
  const guid = record.backup_set_guid.toUpperCase();
  const found = made.filter((one) => one.guid.toUpperCase() === guid);
  if (found.length === 0) return "the server's history knows no such backup as the newest one";
  const same = found.filter(
    ({ fork, lastLsn, type }) =>
      type === LETTERS[record.type] &&
      lastLsn === record.last_lsn &&
      fork.toUpperCase() === record.recovery_fork_guid.toUpperCase(),
  );
  if (same.length === 0) return "the server's history says other things of the newest backup";
  // What an earlier manifest said and this one carries on holds nothing that could be wrong.
  if (record.stream === null || same.some(({ run }) => !run || run === runText(manifest))) return undefined;
  return "by the server's history the newest backup was taken by another run";
}

/** Databases of a manifest that the server's history does not bear out, and why; `unreadable` is said and borne. */
export async function contradictions(
  client: SqlServerClient,
  records: ReadonlyMap<string, DatabaseRecord>,
  manifest: BackupManifest,
): Promise<ReadonlyMap<string, string> | { readonly unreadable: string }> {
  try {
    const made = await readMade(
      client,
      [...records.values()].map((one) => one.backup_set_guid),
    );
    return new Map(
      [...records].flatMap(([name, record]) => {
        const why = contradiction(record, made, manifest);
        return why === undefined ? [] : [[name, why] as const];
      }),
    );
  } catch (error) {
    if (error instanceof EngineError && isDenied(error)) return { unreadable: error.message };
    throw error;
  }
}
