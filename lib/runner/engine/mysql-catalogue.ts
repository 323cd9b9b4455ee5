import type { MysqlSession } from './mysql-session';
import { literal } from './mysql-session';

/** A table that holds rows. */
export interface Table {
  readonly schema: string;
  readonly table: string;
  readonly engine: string;
  /** Whether a snapshot covers it. */
  readonly transactional: boolean;
  readonly versioned: boolean;
}

export interface ForeignKey {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly references: { readonly schema: string; readonly table: string };
}

export interface Catalogue {
  readonly databases: readonly string[];
  readonly tables: readonly Table[];
  readonly foreignKeys: readonly ForeignKey[];
}

/** The server's own, and its provider's: accounts have a stream of their own, the rest belongs to one installation. */
const SYSTEM = ['information_schema', 'performance_schema', 'mysql', 'sys', 'rdsadmin', '#mysql50#lost+found'];

/** @param database - all of the server's where it is left out */
export async function readCatalogue(session: MysqlSession, database: string | undefined): Promise<Catalogue> {
  const rows = await session.query('SELECT schema_name FROM information_schema.schemata ORDER BY 1');
  const databases = rows
    .map(([name = '']) => name)
    .filter((name) => (database === undefined ? !SYSTEM.includes(name.toLowerCase()) : name === database));
  if (databases.length === 0) return { databases, tables: [], foreignKeys: [] };
  const ours = databases.map(literal).join(', ');
  return { databases, tables: await tablesOf(session, ours), foreignKeys: await foreignKeysOf(session, ours) };
}

async function tablesOf(session: MysqlSession, ours: string): Promise<readonly Table[]> {
  const rows = await session.query(`
    SELECT t.table_schema, t.table_name, COALESCE(t.engine, ''), t.table_type,
      COALESCE((SELECT e.transactions FROM information_schema.engines e WHERE e.engine = t.engine), 'NO')
    FROM information_schema.tables t
    WHERE t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND t.table_schema IN (${ours})
    ORDER BY 1, 2`);
  return rows.map(([schema = '', table = '', engine = '', type, transactions]) => ({
    schema,
    table,
    engine,
    transactional: transactions === 'YES',
    versioned: type === 'SYSTEM VERSIONED',
  }));
}

async function foreignKeysOf(session: MysqlSession, ours: string): Promise<readonly ForeignKey[]> {
  const rows = await session.query(`
    SELECT constraint_name, constraint_schema, table_name, unique_constraint_schema, referenced_table_name
    FROM information_schema.referential_constraints WHERE constraint_schema IN (${ours}) ORDER BY 2, 3, 1`);
  return rows.map(([name = '', schema = '', table = '', toSchema = '', toTable = '']) => ({
    name,
    schema,
    table,
    references: { schema: toSchema, table: toTable },
  }));
}

/** A key by which tables are looked up: no name has a NUL in it. */
export function keyOf({ schema, table }: Pick<Table, 'schema' | 'table'>): string {
  return `${schema}\0${table}`;
}
