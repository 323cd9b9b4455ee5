import { createHash } from 'node:crypto';
import type { PostgresSession } from '../engine/postgresql-session';
import { slotOf } from '../slot';
import { literal, quoted } from './postgresql-quote';

/** What a database is called while it is restored. */
export function stagingName(database: string): string {
  return `hypdr_restoring_${createHash('sha256').update(database).digest('hex').slice(0, 16)}`;
}

/** What one is called that was replaced; names have at most 63 bytes. */
export function replacedName(database: string, now: Date): string {
  const ending = `_before_${slotOf(now).toLowerCase()}`;
  let name = database;
  while (Buffer.byteLength(name + ending) > 63) name = name.slice(0, -1);
  return `${name}${ending}`;
}

export type Presence = 'absent' | 'empty' | 'full';

export interface Placing {
  readonly database: string;
  readonly there: Presence;
}

/**
 * Gives restored databases their names, all of them or none: renames are part of a transaction. What was there is renamed
 * in the same one; its sessions are ended, since nobody can rename a database under them.
 * @returns the names of what was replaced
 */
export async function putInPlace(
  control: PostgresSession,
  placings: readonly Placing[],
  now: Date,
): Promise<readonly string[]> {
  const old = placings.filter(({ there }) => there !== 'absent');
  for (const { database } of old) {
    await control.run(`ALTER DATABASE ${quoted(database)} WITH ALLOW_CONNECTIONS false`);
    await control.query(
      `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE datname = ${literal(database)} AND pid <> pg_backend_pid()`,
    );
  }
  await waitForSessions(
    control,
    old.map(({ database }) => database),
  );
  await control.run('BEGIN');
  try {
    for (const { database } of old)
      await control.run(`ALTER DATABASE ${quoted(database)} RENAME TO ${quoted(replacedName(database, now))}`);
    for (const { database } of placings)
      await control.run(`ALTER DATABASE ${quoted(stagingName(database))} RENAME TO ${quoted(database)}`);
    await control.run('COMMIT');
  } catch (error) {
    await control.run('ROLLBACK').catch(() => undefined);
    for (const { database } of old) await control.run(`ALTER DATABASE ${quoted(database)} WITH ALLOW_CONNECTIONS true`);
    throw error;
  }
  const kept: string[] = [];
  for (const { database, there } of old) {
    const name = replacedName(database, now);
    if (there === 'empty') await control.run(`DROP DATABASE ${quoted(name)}`);
    else {
      await control.run(`ALTER DATABASE ${quoted(name)} WITH ALLOW_CONNECTIONS true`);
      kept.push(name);
    }
  }
  return kept;
}

/** A session that was ended is gone in a moment; the server itself waits five seconds for it. */
async function waitForSessions(control: PostgresSession, databases: readonly string[]): Promise<void> {
  if (databases.length === 0) return;
  const names = databases.map(literal).join(', ');
  for (let turn = 0; turn < 50; turn += 1) {
    const [row] = await control.query(
      `SELECT count(*) AS n, pg_sleep(0.1)::text AS slept FROM pg_stat_activity WHERE datname IN (${names}) AND backend_type = 'client backend'`,
    );
    if (Number(row?.n) === 0) return;
  }
}
