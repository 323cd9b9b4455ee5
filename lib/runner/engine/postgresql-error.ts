import { EngineError } from './engine';
import type { Child } from './child';
import { statusOf } from './child';

type Kind = EngineError['kind'];

/** SQLSTATE classes and codes (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const STATES: readonly (readonly [RegExp, Kind, string])[] = [
  [/^28/, 'config', 'check user, password and pg_hba.conf'],
  [/^42501$/, 'config', 'grant the role what it needs: pg_read_all_data, and what the message names'],
  [/^3D000$/, 'config', 'check the name of the database'],
  [/^42P01$/, 'retry', ''],
  [/^(08|53|57|40|55P03|58)/, 'retry', ''],
];

/** What libpq and the tools say where there is no SQLSTATE; the server's own words may be in another language. */
const MESSAGES: readonly (readonly [RegExp, Kind, string])[] = [
  [
    /password authentication failed|no password supplied|no pg_hba\.conf entry|authentication failed/,
    'config',
    'check user, password and pg_hba.conf',
  ],
  [/role "[^"]*" does not exist|is not permitted to log in/, 'config', 'check the user'],
  [/database "[^"]*" does not exist/, 'config', 'check the name of the database'],
  [/server version mismatch/, 'config', "install the client of the server's version"],
  [
    /permission denied|must be superuser|row-level security/,
    'config',
    'grant the role what it needs: pg_read_all_data, and what the message names',
  ],
  [
    /certificate verify failed|does not support SSL|invalid sslmode|root certificate file|server certificate/,
    'config',
    'check sslmode and the root certificate',
  ],
  [
    /server closed the connection|terminating connection|[Cc]onnection (refused|reset|timed out)|timeout expired/,
    'retry',
    'check that the server runs, that it can be reached, and that nobody ended the connection',
  ],
  [/could not translate host name/, 'retry', 'check the host if it stays'],
  [
    /extension "[^"]*" is not available|could not open extension control file/,
    'config',
    'install the extension where the server runs; for test restores in the image of tasks: deployment.image.packages',
  ],
  [
    /must be (loaded via "?shared_preload_libraries|preloaded)|can only be loaded via "?shared_preload_libraries/,
    'config',
    'name its library in shared_preload_libraries of the server, and start it anew; a test restore does so for backups that a role with pg_read_all_settings took',
  ],
  [
    /schema "cron" does not exist|relation "cron\.[^"]*" does not exist/,
    'config',
    'something of the database is built on tables of pg_cron, which stays out of a restore: the recipe in _recovery/ goes on with all the rest',
  ],
  [/invalid locale name|invalid LC_/, 'config', 'install the locale where the server runs'],
  [
    /pg_restore: error: could not execute query: ERROR: |\bpsql:\S+: ERROR: /,
    'retry',
    'if it stays, the recipe in _recovery/ goes on where something fails, and names it',
  ],
  [/No space left on device/, 'source', 'make room in the folder for scratch files'],
];

/** A failure by its SQLSTATE. */
export function errorOfState(what: string, state: string, message: string): EngineError {
  const known = STATES.find(([pattern]) => pattern.test(state));
  return new EngineError(known?.[1] ?? 'source', `${what}: ${message} (${state})`, known?.[2] ?? '');
}

/** A failure by what a tool said; without a word that is known it is worth another try. */
export function errorOfTalk(what: string, talk: string): EngineError {
  const known = MESSAGES.find(([pattern]) => pattern.test(talk));
  return new EngineError(known?.[1] ?? 'retry', `${what}: ${talk.trim().slice(-2000)}`, known?.[2] ?? '');
}

/** Resolves when a tool ended well. What it wrote until then counts for nothing otherwise. */
export async function endedWell(child: Child, what: string): Promise<void> {
  const end = await child.ended;
  if (end.exitCode !== 0) throw errorOfTalk(what, `ended with ${statusOf(end)}: ${end.stderr}`);
}
