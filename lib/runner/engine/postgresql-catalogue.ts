import type { PostgresSession, Row } from './postgresql-session';

/** A table as the snapshot sees it. */
export interface Table {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  /** Quoted where it has to be, so that it can stand in a query. */
  readonly name: string;
  readonly kind: 'table' | 'partitioned';
  readonly partitionOf: number | null;
  readonly unlogged: boolean;
  readonly readable: boolean;
  readonly rowSecurity: boolean;
}

export interface ForeignKey {
  readonly name: string;
  readonly table: number;
  readonly references: number;
}

/** Not the system's own, nobody's temporary ones, none that an extension brings along. */
const OURS = `
  n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/** Row security bends what this role reads; pg_dump refuses such a table. */
const BENT = `
  c.relrowsecurity AND NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
  AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))`;

const TABLES = `
  SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS "table", format('%I.%I', n.nspname, c.relname) AS name,
    CASE c.relkind WHEN 'p' THEN 'partitioned' ELSE 'table' END AS kind,
    (SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition) AS "partitionOf",
    c.relpersistence = 'u' AS unlogged,
    has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS readable,
    ${BENT} AS "rowSecurity"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND ${OURS}
  ORDER BY n.nspname, c.relname`;

export async function tablesOf(session: PostgresSession): Promise<readonly Table[]> {
  return as<Table>(await session.query(TABLES));
}

/** A key to a partition is a copy of the one to its parent. */
const FOREIGN_KEYS = `
  SELECT format('%I.%I: %I', n.nspname, c.relname, k.conname) AS name,
    k.conrelid::bigint AS "table", k.confrelid::bigint AS "references"
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE k.contype = 'f' AND k.conparentid = 0
  ORDER BY 1`;

export async function foreignKeysOf(session: PostgresSession): Promise<readonly ForeignKey[]> {
  return as<ForeignKey>(await session.query(FOREIGN_KEYS));
}

/** Rows of a foreign key may point at rows that stay out: such a key can come back only as NOT VALID. */
export function brokenKeys(keys: readonly ForeignKey[], excluded: ReadonlySet<number>): readonly string[] {
  return keys.filter((key) => excluded.has(key.references) && !excluded.has(key.table)).map(({ name }) => name);
}

/** Sequences whose state this role cannot read. */
const SEQUENCES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND ${OURS}
    AND NOT (has_sequence_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'))
  ORDER BY 1`;

/**
 * Large objects that this role cannot read: pg_read_all_data does not cover them
 * (https://www.postgresql.org/docs/current/predefined-roles.html).
 */
const LARGE_OBJECTS = `
  SELECT count(*) AS total, count(*) FILTER (WHERE NOT (
    current_setting('lo_compat_privileges')::boolean
    OR pg_has_role(m.lomowner, 'USAGE')
    OR EXISTS (SELECT 1 FROM aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
      AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE'))))) AS unreadable
  FROM pg_largeobject_metadata m`;

export async function largeObjectsOf(
  session: PostgresSession,
): Promise<{ readonly total: number; readonly unreadable: number }> {
  const [row] = await session.query(LARGE_OBJECTS);
  return { total: Number(row?.total ?? 0), unreadable: Number(row?.unreadable ?? 0) };
}

/**
 * Rows of an extension that pg_dump takes along, such as the jobs of pg_cron
 * (https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES).
 */
const OF_EXTENSIONS = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name,
    has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS readable,
    ${BENT} AS "rowSecurity"
  FROM pg_extension e CROSS JOIN unnest(e.extconfig) AS configuration (oid)
    JOIN pg_class c ON c.oid = configuration.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  ORDER BY 1`;

/** What stands between this role and a whole dump, in words. */
export async function missingRights(session: PostgresSession): Promise<readonly string[]> {
  const ofExtensions = as<Pick<Table, 'name' | 'readable' | 'rowSecurity'>>(await session.query(OF_EXTENSIONS));
  const tables = [...(await tablesOf(session)), ...ofExtensions];
  const sequences = await session.query(SEQUENCES);
  const { unreadable } = await largeObjectsOf(session);
  return [
    ...tables.filter(({ readable }) => !readable).map(({ name }) => `table ${name}`),
    ...tables
      .filter(({ rowSecurity }) => rowSecurity)
      .map(({ name }) => `table ${name}, whose row security hides rows from this role`),
    ...sequences.map(({ name }) => `sequence ${String(name)}`),
    ...(unreadable > 0 ? [`${unreadable} large objects`] : []),
  ];
}

/** Databases of the cloud providers' own that no customer can enter. */
const PROVIDERS_OWN = ['rdsadmin', 'cloudsqladmin', 'azure_maintenance', 'azure_sys', 'alloydbadmin'];

export async function databasesOf(session: PostgresSession): Promise<readonly string[]> {
  const rows = await session.query(
    'SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1',
  );
  return rows.map(({ name }) => String(name)).filter((name) => !PROVIDERS_OWN.includes(name));
}

function as<T>(rows: readonly Row[]): readonly T[] {
  return rows as readonly unknown[] as readonly T[];
}
