import type { PostgresSession } from './postgresql-session';

/** Under which key of a manifest's position the libraries stand, with commas between them. */
export const PRELOADED = 'preload';

/** It stays out of every restore, and would start jobs. */
const NEVER = ['pg_cron'];

/**
 * Libraries that the server loads at its start and that are of extensions of this database, in the server's order: without
 * them such an extension can't be made, or its functions refuse. The setting is hidden from who is no member of
 * `pg_read_all_settings`: then nothing is known.
 * https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SHARED-PRELOAD-LIBRARIES
 */
export async function preloadedFor(session: PostgresSession): Promise<readonly string[]> {
  const rows = await session.query(`
    SELECT extname AS name, (SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries') AS libraries
    FROM pg_extension`);
  const extensions = new Set(rows.map(({ name }) => String(name)));
  const libraries = String(rows[0]?.libraries ?? '')
    .split(',')
    .map(nameOf);
  return libraries.filter((one) => extensions.has(one) && !NEVER.includes(one));
}

/** `"$libdir/pgaudit.so"`: an extension's library is called like it. */
function nameOf(library: string): string {
  const name = library.trim().replace(/^"|"$/g, '');
  return name.replace(/^.*\//, '').replace(/\.so$/, '');
}

/** @returns what a manifest names, by simple names only: what it says is loaded as code */
export function readPreloaded(position: Readonly<Record<string, string>>): readonly string[] {
  return (position[PRELOADED] ?? '').split(',').filter((name) => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name));
}
