import type { Content } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import { brokenKeys, foreignKeysOf, largeObjectsOf, tablesOf } from './postgresql-catalogue';
import type { Table } from './postgresql-catalogue';
import type { PostgresConnection } from './postgresql-environment';
import { excludeTables } from './postgresql-pattern';
import type { Exclusion } from './postgresql-pattern';
import { preloadedFor } from './postgresql-preload';
import { openSession } from './postgresql-session';
import type { PostgresSession } from './postgresql-session';
import { STANDBY, followsNobody, momentOf } from './postgresql-standby';

/** One moment of one database, held open by a session, that pg_dump and the counts both read. */
export interface DatabaseSnapshot {
  readonly database: string;
  /** For `pg_dump --snapshot`. */
  readonly id: string;
  readonly takenAt: Date;
  /** Why its data may be old. @default - nothing speaks for it */
  readonly stale: string | undefined;
  readonly lsn: string;
  /** On the server's disk, with indexes. */
  readonly bytes: number;
  readonly tables: readonly Table[];
  readonly exclusion: Exclusion;
  /** Foreign keys that come back as NOT VALID. */
  readonly notValid: readonly string[];
  /** Libraries of its extensions that the server loads at its start. */
  readonly preloaded: readonly string[];
  /** Exact counts at that moment; asked for while the dump is read. */
  count(): Promise<readonly Content[]>;
  close(): Promise<void>;
}

export interface SnapshotScope {
  readonly excludeTables: readonly string[];
  /** `none` where the dump holds definitions only. */
  readonly rows: 'all' | 'none';
}

/** A table that is emptied or rewritten between the snapshot and its lock makes the snapshot worthless. */
const ATTEMPTS = 5;

export async function takeSnapshot(
  connection: PostgresConnection,
  database: string,
  scope: SnapshotScope,
  machine: Machine,
): Promise<DatabaseSnapshot> {
  const session = await openSession(connection, database, machine);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const snapshot = await tryOnce(session, scope);
      if (snapshot) return snapshot;
      if (attempt === ATTEMPTS)
        throw new EngineError('retry', `tables of database "${database}" are rewritten all the time`);
      await session.run('ROLLBACK');
    }
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * The snapshot first, then a lock on every table, as pg_dump does it. TRUNCATE and rewriting ALTER TABLE are not undone
 * for older snapshots (https://www.postgresql.org/docs/current/mvcc-caveats.html): where one came between, again.
 */
async function tryOnce(session: PostgresSession, scope: SnapshotScope): Promise<DatabaseSnapshot | undefined> {
  const { database } = session;
  await session.run('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const [at = {}] = await session.query(`
    SELECT clock_timestamp()::text AS now, pg_export_snapshot() AS id,
      CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS lsn,
      pg_database_size(current_database()) AS bytes, ${STANDBY}`);
  const tables = await tablesOf(session);
  if (!(await lockTables(session, tables))) return undefined;
  const [rewritten] = await session.query(
    "SELECT count(*) AS n FROM pg_class WHERE relkind = 'r' AND relfilenode <> 0 AND relfilenode <> pg_relation_filenode(oid)",
  );
  if (Number(rewritten?.n) !== 0) return undefined;
  const exclusion = excludeTables(scope.excludeTables, tables);
  const keys = await foreignKeysOf(session);
  // An unlogged table has no rows on a standby, and pg_dump leaves them out there.
  const held = (table: Table) =>
    scope.rows === 'all' && !exclusion.excluded.has(table.oid) && !(table.unlogged && at.standby === true);
  return {
    database,
    id: String(at.id),
    takenAt: momentOf(at),
    stale: followsNobody(at),
    lsn: String(at.lsn),
    bytes: Number(at.bytes),
    tables,
    exclusion,
    notValid: brokenKeys(keys, exclusion.excluded),
    preloaded: await preloadedFor(session),
    count: () => countRows(session, tables, held, scope),
    close: () => session.close(),
  };
}

/** @returns `false` where a table went away in between */
async function lockTables(session: PostgresSession, tables: readonly Table[]): Promise<boolean> {
  if (tables.length === 0) return true;
  try {
    const names = tables.map((table) => `ONLY ${table.name}`);
    for (let at = 0; at < names.length; at += 500) {
      await session.run(`LOCK TABLE ${names.slice(at, at + 500).join(', ')} IN ACCESS SHARE MODE`);
    }
    return true;
  } catch (error) {
    if (error instanceof EngineError && /\((42P01|3F000)\)$/.test(error.message)) return false;
    throw error;
  }
}

async function countRows(
  session: PostgresSession,
  tables: readonly Table[],
  held: (table: Table) => boolean,
  scope: SnapshotScope,
): Promise<readonly Content[]> {
  const { database } = session;
  const contents: Content[] = [];
  for (const table of tables) {
    if (table.kind === 'partitioned') continue;
    const [row] = held(table) ? await session.query(`SELECT count(*) AS n FROM ONLY ${table.name}`) : [{ n: 0 }];
    contents.push({ database, name: table.name, rows: Number(row?.n), exact: true });
  }
  if (scope.rows === 'all') {
    const { total } = await largeObjectsOf(session);
    contents.push({ database, name: 'large objects', entries: total, exact: true });
  }
  return contents;
}
