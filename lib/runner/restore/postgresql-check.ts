import type { BackupStream } from '../../contract';
import { EngineError } from '../engine/engine';
import { lockNumber } from '../engine/postgresql-run';
import type { PostgresSession } from '../engine/postgresql-session';
import { majorOf, serverVersion } from '../engine/postgresql-tools';
import { OverlapError } from './overlap';
import type { Point } from './point';
import type { Placing, Presence } from './postgresql-place';
import { literal } from './postgresql-quote';

/** Which databases of a backup get which names. */
export function namesOf(
  { manifest }: Point,
  isMeant: (stream: BackupStream) => boolean,
  into: string | undefined,
  asked: readonly string[] | undefined,
): readonly { readonly stream: BackupStream; readonly database: string }[] {
  const streams = manifest.streams.filter(isMeant);
  const lacking = (asked ?? []).filter((name) => !streams.some(({ database }) => database === name));
  const held = manifest.streams.flatMap(({ database }) => database ?? []).join(', ');
  if (lacking.length > 0)
    throw new EngineError('config', `the backup has no database ${lacking.join(', ')}`, `it has ${held}`);
  if (into !== undefined && streams.length !== 1)
    throw new EngineError(
      'config',
      `the backup has ${streams.length} databases, and --target names one`,
      `choose one by --database: ${held}`,
    );
  return streams.map((stream) => ({ stream, database: into ?? stream.database ?? '' }));
}

/** Old enough never fits: what a newer server wrote, an older one may not understand. */
export async function checkServer(control: PostgresSession, { manifest }: Point): Promise<void> {
  const version = await serverVersion(control);
  const taken = manifest.tools.postgresql;
  if (taken !== undefined && majorOf(version) < majorOf(taken))
    throw new EngineError(
      'config',
      `the target is PostgreSQL ${version}, and the backup is of ${taken}`,
      'restore into a server that is as new or newer',
    );
  const [role] = await control.query(
    'SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
  );
  if (role?.may !== true)
    throw new EngineError(
      'config',
      'the role of the target may not create databases',
      'grant it CREATEDB, or use a superuser',
    );
}

/** Advisory locks end with the session that holds them, hence with this process. */
export async function lockTargets(control: PostgresSession, databases: readonly string[]): Promise<void> {
  for (const database of databases) {
    const number = lockNumber(`restore of ${database}`, 'data');
    const [taken] = await control.query(`SELECT pg_try_advisory_lock(${number}) AS taken`);
    if (taken?.taken !== true) throw new OverlapError();
  }
}

export async function presenceOf(
  control: PostgresSession,
  database: string,
  session: <T>(name: string, work: (one: PostgresSession) => Promise<T>) => Promise<T>,
): Promise<Presence> {
  const [row] = await control.query(
    `SELECT datallowconn AS open FROM pg_database WHERE datname = ${literal(database)}`,
  );
  if (!row) return 'absent';
  if (row.open !== true) return 'full';
  return session(database, async (inside) => {
    const [found] = await inside.query(`
      SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_')
        + (SELECT count(*) FROM pg_largeobject_metadata)
        + (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$)') AS n`);
    return Number(found?.n) === 0 ? 'empty' : 'full';
  });
}

export function refuseFull(placings: readonly Placing[], replace: readonly string[]): void {
  const full = placings.filter(({ database, there }) => there === 'full' && !replace.includes(database));
  if (full.length === 0) return;
  const names = full.map(({ database }) => database);
  throw new EngineError(
    'config',
    `the target has ${names.map((name) => `"${name}"`).join(', ')}, and not empty`,
    `name another database in --target, or say ${names.map((name) => `--replace ${name}`).join(' ')}: what is there is renamed then`,
  );
}
