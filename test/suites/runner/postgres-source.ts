import type { PostgresServer } from '../../servers/postgres';

/** Every row of every table, every sequence's state and every large object, as one text. */
export async function everythingIn(
  server: PostgresServer,
  name: string,
  without: readonly string[] = [],
): Promise<string> {
  const sql = (database: string, text: string) => server.sql(text, database);
  const tables = (
    await sql(
      name,
      `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    )
  )
    .split('\n')
    .filter((table) => table !== '' && !without.includes(table));
  const rows: string[] = [];
  for (const table of tables) rows.push(table, await sql(name, `SELECT t::text FROM ${table} t ORDER BY 1`));
  const sequences = await sql(name, 'SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2');
  const objects = await sql(name, 'SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1');
  const views = await sql(
    name,
    `SELECT viewname, definition FROM pg_views WHERE schemaname IN ('public', 'odd schema') ORDER BY 1`,
  );
  const triggers = await sql(
    name,
    'SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1',
  );
  return [...rows, sequences, objects, views, triggers].join('\n');
}
