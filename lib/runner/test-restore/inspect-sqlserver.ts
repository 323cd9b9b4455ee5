import { z } from 'zod';
import type { BackupManifest, Content, RestoreCheck } from '../../contract';
import { EngineError } from '../engine/engine';
import { readRows } from '../engine/sqlserver-catalogue';
import type { SqlServerClient } from '../engine/sqlserver-client';
import { numbersOf } from '../engine/sqlserver-error';
import type { SqlServerSession } from '../engine/sqlserver-session';
import { identifier, literal } from '../engine/sqlserver-statement';
import { databasesIn, existingDatabases } from '../restore/sqlserver-check';
import type { Inspection, Integrity } from './throwaway';
import { databaseFor, judgeQuery, withoutEnd } from './verdict';

export interface SqlServerInspection {
  readonly client: SqlServerClient;
  /** Opens a connection, for statements of any length. */
  readonly session: () => Promise<SqlServerSession>;
  /** What was restored, from the full on. */
  readonly chain: readonly BackupManifest[];
  /** Names that the databases have here. */
  readonly rename: (database: string) => string;
}

/** Looks into restored databases. */
export function inspectSqlServer({ client, session, chain, rename }: SqlServerInspection): Inspection {
  /** A database that was backed up for the first time after the moment is not there; the restore says so. */
  const restored = async () => {
    const there = new Set((await existingDatabases(client)).map(({ name }) => name));
    return databasesIn(chain).filter((name) => there.has(rename(name)));
  };
  return {
    full: async () => {
      const counting = chain.filter(({ type }) => type !== 'log').at(-1);
      const checks: RestoreCheck[] = [];
      for (const name of await restored())
        checks.push(
          ...countChecks(name, counting?.contents ?? [], {
            tables: await readRows(client, rename(name)),
            logs: chain.at(-1)?.type === 'log',
          }),
        );
      return checks;
    },
    queries: async (queries, named) => {
      const database = databaseFor(await restored(), named);
      const checks: RestoreCheck[] = [];
      for (const query of queries) {
        if (typeof database !== 'string')
          checks.push({ kind: 'query', name: query, result: 'failed', found: database.why });
        else checks.push(await judgeQuery(query, () => firstValue(client, query, rename(database))));
      }
      return checks;
    },
    newest: async (until) => {
      const checks: RestoreCheck[] = [];
      for (const name of await restored()) {
        const newest = await newestIn(client, session, { database: rename(name), until });
        checks.push({ kind: 'newest', name, result: 'told', found: newest ?? 'no time in it' });
      }
      return checks;
    },
    integrity: async () => {
      const all: Integrity[] = [];
      for (const name of await restored()) all.push(await checkDatabase(client, name, rename(name)));
      return { checks: all.flatMap(({ checks }) => checks), warnings: all.flatMap(({ warnings }) => warnings) };
    },
  };
}

interface Tables {
  readonly tables: Awaited<ReturnType<typeof readRows>>;
  /** Whether logs were replayed after what is compared with. */
  readonly logs: boolean;
}

/**
 * What the server says of its tables beside what it said when the backup was taken; neither is exact. A table that is
 * missing fails, unless logs followed, in which it may have been dropped.
 */
function countChecks(
  database: string,
  contents: readonly Content[],
  { tables, logs }: Tables,
): readonly RestoreCheck[] {
  const there = new Map(tables.map(({ schema, table, rows }) => [`${schema}.${table}`, rows]));
  const counted = contents.filter((one) => one.database === database && one.rows !== undefined);
  return [
    ...counted.map(({ name, rows = 0 }): RestoreCheck => {
      const found = there.get(name);
      return {
        ...{ kind: 'count', name: `${database}: ${name}`, expected: `about ${rows} rows` },
        result: found === undefined && !logs ? 'failed' : 'told',
        found: found === undefined ? 'missing' : `about ${found} rows`,
      };
    }),
    ...[...there]
      .filter(([name]) => !counted.some((one) => one.name === name))
      .map(([name, rows]): RestoreCheck => {
        const about = { kind: 'count', name: `${database}: ${name}`, result: 'told' } as const;
        return { ...about, expected: 'not in the manifest', found: `about ${rows} rows` };
      }),
  ];
}

/**
 * In a transaction that is rolled back: a test only reads. A query may end with a comment, which a line ends. The client
 * says NULL as a word.
 */
async function firstValue(client: SqlServerClient, query: string, database: string) {
  const value = await client.first(
    'query',
    `USE ${identifier(database)}; BEGIN TRANSACTION; ${withoutEnd(query)}\n; ROLLBACK TRANSACTION;`,
  );
  if (value === undefined) return 'no row';
  return { value: value === 'NULL' ? undefined : value };
}

/** date, datetime2, datetimeoffset, smalldatetime, datetime: https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-types-transact-sql */
const TIME_TYPES = [40, 42, 43, 58, 61];

const Columns = z.array(z.object({ schema: z.string(), table: z.string(), column: z.string() })).default([]);
const Newest = z.object({ at: z.string().nullable() });

interface Asked {
  readonly database: string;
  readonly until: Date;
}

/** Times without a zone are taken for UTC. @returns RFC 3339 */
async function newestIn(
  client: SqlServerClient,
  open: () => Promise<SqlServerSession>,
  { database, until }: Asked,
): Promise<string | undefined> {
  const db = identifier(database);
  const list = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT s.name AS [schema], t.name AS [table], c.name AS [column]
    FROM ${db}.sys.columns AS c JOIN ${db}.sys.tables AS t ON t.object_id = c.object_id
    JOIN ${db}.sys.schemas AS s ON s.schema_id = t.schema_id
    WHERE t.is_ms_shipped = 0 AND t.is_external = 0 AND c.system_type_id IN (${TIME_TYPES.join(', ')}) FOR JSON PATH);`;
  const columns = await client.ask('columns with times', list, Columns);
  if (columns.length === 0) return undefined;
  const session = await open();
  let newest: string | undefined;
  try {
    for (const { schema, table, column } of columns) {
      const value = `CONVERT(datetimeoffset(0), ${identifier(column)})`;
      const statement = `SET @answer = (SELECT CONVERT(varchar(19), SWITCHOFFSET(MAX(${value}), N'+00:00'), 126) AS [at]
        FROM ${db}.${identifier(schema)}.${identifier(table)}
        WHERE ${value} <= CONVERT(datetimeoffset(0), ${literal(until.toISOString())})
        FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER);`;
      const { at } = await session.ask('the newest time', statement, Newest);
      if (at !== null && (newest === undefined || `${at}Z` > newest)) newest = `${at}Z`;
    }
  } finally {
    await session.close();
  }
  return newest;
}

/**
 * Numbers by which CHECKDB names damage: reads that fail, allocation, pages, rows, indexes, tables
 * of the system; not 8921, by which it says that it came to no end, nor 2571, by which a right is missing. https://learn.microsoft.com/sql/t-sql/database-console-commands/dbcc-checkdb-transact-sql
 */
function isDamage(number: number): boolean {
  if ([2571, 8921].includes(number)) return false;
  return [823, 824, 825, 7984, 7985, 7986, 7987, 7988].includes(number) || [25, 89].includes(Math.floor(number / 100));
}

async function checkDatabase(client: SqlServerClient, name: string, database: string): Promise<Integrity> {
  const check = { kind: 'integrity', name: `DBCC CHECKDB of ${name}` } as const;
  try {
    const statement = `DBCC CHECKDB (${literal(database)}) WITH NO_INFOMSGS, ALL_ERRORMSGS;`;
    await client.ask(`DBCC CHECKDB of ${name}`, statement, z.undefined());
    return { checks: [{ ...check, result: 'passed' }], warnings: [] };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const damage = numbersOf(error).filter(isDamage);
    if (damage.length === 0) throw error;
    // The words of the server quote keys and names.
    return { checks: [{ ...check, result: 'failed', found: `damage, error ${damage[0]}` }], warnings: [] };
  }
}
