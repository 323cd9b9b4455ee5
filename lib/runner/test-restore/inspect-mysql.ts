import type { RestoreCheck } from '../../contract';
import { readCatalogue } from '../engine/mysql-catalogue';
import type { MysqlConnection } from '../engine/mysql-connection';
import { identifier, literal, openSession } from '../engine/mysql-session';
import type { MysqlSession } from '../engine/mysql-session';
import type { MysqlTools } from '../engine/mysql-tools';
import type { Machine } from '../machine';
import { compareCounts } from './counts';
import type { Found } from './counts';
import type { Inspection, Integrity } from './throwaway';
import { databaseFor, judgeQuery, withoutEnd } from './verdict';

export interface MysqlInspection {
  readonly connection: MysqlConnection;
  readonly tools: MysqlTools;
  readonly machine: Machine;
  /** Of the backup. */
  readonly databases: readonly string[];
}

/** Looks into restored databases. */
export function inspectMysql({ connection, tools, machine, databases }: MysqlInspection): Inspection {
  const inside = async <T>(work: (session: MysqlSession) => Promise<T>): Promise<T> => {
    const session = await openSession(connection, tools, machine);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  return {
    full: async (contents) => compareCounts(contents, await inside((session) => countAll(session, databases, tools))),
    queries: async (queries, named) => {
      const database = databaseFor(databases, named);
      const checks: RestoreCheck[] = [];
      for (const query of queries) {
        if (typeof database !== 'string')
          checks.push({ kind: 'query', name: query, result: 'failed', found: database.why });
        else checks.push(await judgeQuery(query, () => inside((session) => firstValue(session, query, database))));
      }
      return checks;
    },
    newest: async (until) => {
      const checks: RestoreCheck[] = [];
      for (const database of databases) {
        const newest = await inside((session) => newestIn(session, database, until));
        checks.push({ kind: 'newest', name: database, result: 'told', found: newest ?? 'no time in it' });
      }
      return checks;
    },
    integrity: () => inside((session) => checkTables(session, databases)),
  };
}

/** Rows as the dump has them: where it holds the history of versioned tables, that counts too. */
async function countAll(
  session: MysqlSession,
  databases: readonly string[],
  { dumpsHistory }: MysqlTools,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const one of databases) {
    for (const { schema, table, versioned } of (await readCatalogue(session, one)).tables) {
      const history = versioned && dumpsHistory ? ' FOR SYSTEM_TIME ALL' : '';
      const [row] = await session.query(`SELECT COUNT(*) FROM ${identifier(schema)}.${identifier(table)}${history}`);
      found.push({ database: schema, name: table, rows: Number(row?.[0]) });
    }
  }
  return found;
}

/** The client says NULL as a word; an answer that is this word is none either. */
async function firstValue(session: MysqlSession, query: string, database: string) {
  await session.query(`USE ${identifier(database)}`);
  await session.query('SET SESSION TRANSACTION READ ONLY');
  const [row] = await session.query(withoutEnd(query));
  if (row === undefined) return 'no row';
  return { value: row[0] === 'NULL' ? undefined : row[0] };
}

/** Times without a zone are taken for UTC. @returns RFC 3339 */
async function newestIn(session: MysqlSession, database: string, until: Date): Promise<string | undefined> {
  const columns = await session.query(`
    SELECT c.table_name, c.column_name FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = ${literal(database)} AND c.data_type IN ('timestamp', 'datetime', 'date')
      AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2`);
  const moment = `CAST(${literal(until.toISOString().slice(0, 19).replace('T', ' '))} AS DATETIME)`;
  let newest = '';
  for (const [table = '', column = ''] of columns) {
    const name = identifier(column);
    const [row] = await session.query(
      `SELECT DATE_FORMAT(MAX(${name}), '%Y-%m-%dT%H:%i:%sZ') FROM ${identifier(database)}.${identifier(table)} WHERE ${name} <= ${moment}`,
    );
    const at = row?.[0] ?? 'NULL';
    if (at !== 'NULL' && at > newest) newest = at;
  }
  return newest === '' ? undefined : newest;
}

/** https://mariadb.com/kb/en/check-table/: the last row of each table is its status, or why there is none. */
async function checkTables(session: MysqlSession, databases: readonly string[]): Promise<Integrity> {
  const checks: RestoreCheck[] = [];
  for (const database of databases) {
    const { tables } = await readCatalogue(session, database);
    const failed: RestoreCheck[] = [];
    for (const { schema, table } of tables) {
      const rows = await session.query(`CHECK TABLE ${identifier(schema)}.${identifier(table)}`);
      // A note says that the table's kind has nothing that could be checked.
      const bad = rows.find(([, , kind, text]) => kind === 'error' || (kind === 'status' && text !== 'OK'));
      if (bad)
        failed.push({
          kind: 'integrity',
          name: `CHECK TABLE ${schema}: ${table}`,
          result: 'failed',
          found: bad[2] ?? '',
        });
    }
    const all: RestoreCheck = {
      ...{ kind: 'integrity', name: `CHECK TABLE of ${database}`, expected: `${tables.length} tables` },
      result: failed.length > 0 ? 'failed' : 'passed',
      found: `${tables.length - failed.length} sound`,
    };
    checks.push(all, ...failed);
  }
  return { checks, warnings: [] };
}
