import path from 'node:path';
import type { RestoreCheck } from '../../contract';
import { runChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import { largeObjectsOf, tablesOf } from '../engine/postgresql-catalogue';
import type { PostgresConnection } from '../engine/postgresql-environment';
import { openSession } from '../engine/postgresql-session';
import type { PostgresSession } from '../engine/postgresql-session';
import type { Machine } from '../machine';
import { literal, quoted } from '../restore/postgresql-quote';
import { compareCounts } from './counts';
import type { Found } from './counts';
import { isProgram } from './find-server';
import type { Inspection, Integrity } from './throwaway';
import { databaseFor, judgeQuery, withoutEnd } from './verdict';

export interface PostgresInspection {
  readonly connection: PostgresConnection;
  /** Folder of the server's own programs. */
  readonly bin: string;
  readonly machine: Machine;
  /** Of the backup. */
  readonly databases: readonly string[];
}

/** Looks into restored databases; each question in a session of its own. */
export function inspectPostgresql(asked: PostgresInspection): Inspection {
  const { connection, machine, databases } = asked;
  const inside = async <T>(database: string, work: (session: PostgresSession) => Promise<T>): Promise<T> => {
    const session = await openSession(connection, database, machine);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  return {
    full: async (contents) => {
      const found: Found[] = [];
      for (const database of databases) found.push(...(await inside(database, countAll)));
      // Where tables were chosen, large objects were not counted.
      const counted = new Set(contents.map(({ database, name }) => `${database}\0${name}`));
      return compareCounts(
        contents,
        found.filter((one) => one.name !== OBJECTS || counted.has(`${one.database}\0${OBJECTS}`)),
      );
    },
    queries: async (queries, named) => {
      const database = databaseFor(databases, named);
      const checks: RestoreCheck[] = [];
      for (const query of queries) {
        if (typeof database !== 'string')
          checks.push({ kind: 'query', name: query, result: 'failed', found: database.why });
        else checks.push(await judgeQuery(query, () => inside(database, (session) => firstValue(session, query))));
      }
      return checks;
    },
    newest: async (until) => {
      const checks: RestoreCheck[] = [];
      for (const database of databases) {
        const newest = await inside(database, (session) => newestIn(session, until));
        checks.push({ kind: 'newest', name: database, result: 'told', found: newest ?? 'no time in it' });
      }
      return checks;
    },
    integrity: () => amcheck(asked),
  };
}

const OBJECTS = 'large objects';

async function countAll(session: PostgresSession): Promise<readonly Found[]> {
  const { database } = session;
  const found: Found[] = [];
  for (const { name, kind } of await tablesOf(session)) {
    if (kind === 'partitioned') continue;
    const [row] = await session.query(`SELECT count(*) AS n FROM ONLY ${name}`);
    found.push({ database, name, rows: Number(row?.n) });
  }
  return [...found, { database, name: OBJECTS, entries: (await largeObjectsOf(session)).total }];
}

/** As an application's session sees it, but for writing. */
async function firstValue(session: PostgresSession, query: string) {
  await session.run('RESET search_path');
  await session.run('SET default_transaction_read_only = on');
  const [row] = await session.query(
    `SELECT to_json(q.hypdr_first) AS first FROM (${withoutEnd(query)}\n) AS q(hypdr_first) LIMIT 1`,
  );
  return row === undefined ? 'no row' : { value: row.first ?? undefined };
}

const TIMES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS "table", a.attname AS "column"
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
    AND a.attnum > 0 AND NOT a.attisdropped
    AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
  ORDER BY 1, 2`;

/** Times without a zone are taken for UTC. @returns RFC 3339 */
async function newestIn(session: PostgresSession, until: Date): Promise<string | undefined> {
  const columns = await session.query(TIMES);
  const tables = [...new Set(columns.map((one) => String(one.table)))];
  const moment = `${literal(until.toISOString())}::timestamptz`;
  let newest = '';
  for (const table of tables) {
    const parts = columns
      .filter((one) => one.table === table)
      .map(
        ({ column }) =>
          `max(${quoted(String(column))}::timestamptz) FILTER (WHERE ${quoted(String(column))} <= ${moment})`,
      );
    const [row] = await session.query(
      `SELECT to_char(greatest(${parts.join(', ')}), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM ONLY ${table}`,
    );
    if (typeof row?.at === 'string' && row.at > newest) newest = row.at;
  }
  return newest === '' ? undefined : newest;
}

/** https://www.postgresql.org/docs/current/app-pgamcheck.html: 0 where all is well, 2 where something is corrupt. */
async function amcheck({ connection, bin, machine, databases }: PostgresInspection): Promise<Integrity> {
  const tool = path.join(bin, 'pg_amcheck');
  if (!(await isProgram(tool)))
    return { checks: [], warnings: [`pg_amcheck is not beside the server in ${bin}: it was not looked for damage`] };
  const chosen = databases.map((one) => `--database=${pattern(one)}`);
  const { environment } = connection;
  const end = await runChild(tool, ['--install-missing', '--no-password', ...chosen], { machine, environment });
  machine.signal.throwIfAborted();
  const check = { kind: 'integrity', name: 'pg_amcheck' } as const;
  if (end.exitCode === 0) return { checks: [{ ...check, result: 'passed' }], warnings: [] };
  // What it found stands in its output, beside values of the data.
  if (end.exitCode === 2) return { checks: [{ ...check, result: 'failed', found: 'damage' }], warnings: [] };
  if (/extension "amcheck" is not available|could not open extension control file/.test(end.stderr))
    return { checks: [], warnings: ['the server has no extension amcheck: it was not looked for damage'] };
  throw new EngineError('source', `pg_amcheck ended with ${statusOf(end)}: ${end.stderr.slice(0, 500)}`);
}

/** A name as the tool's patterns have it: between double quotes everything is itself. */
function pattern(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
