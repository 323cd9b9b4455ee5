import type { PostgresSession } from '../engine/postgresql-session';
import { jobOf } from './postgresql-cron';
import { quoted } from './postgresql-quote';
import type { Held } from './target';

/** Switches off what a restored database would do by itself, and names it. */
export async function holdBack(session: PostgresSession, database: string): Promise<readonly Held[]> {
  return [...(await holdSubscriptions(session, database)), ...(await holdJobs(session, database))];
}

const OWN = 'subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())';

/** pg_dump writes them without a connection, hence disabled: https://www.postgresql.org/docs/current/sql-createsubscription.html */
async function holdSubscriptions(session: PostgresSession, database: string): Promise<readonly Held[]> {
  const rows = await session.query(
    `SELECT subname AS name, subenabled AS enabled FROM pg_subscription WHERE ${OWN} ORDER BY 1`,
  );
  const held: Held[] = [];
  for (const { name, enabled } of rows) {
    const subscription = quoted(String(name));
    if (enabled === true) await session.run(`ALTER SUBSCRIPTION ${subscription} DISABLE`);
    held.push({
      kind: 'subscription',
      name: `${database}.${name}`,
      release: `ALTER SUBSCRIPTION ${subscription} ENABLE`,
    });
  }
  return held;
}

/** A table of jobs that came back without the extension, whose own is left out (`postgresql-cron.ts`). */
async function holdJobs(session: PostgresSession, database: string): Promise<readonly Held[]> {
  const [there] = await session.query("SELECT to_regclass('cron.job') IS NOT NULL AS there");
  if (there?.there !== true) return [];
  const rows = await session.query('SELECT jobid AS id FROM cron.job WHERE active ORDER BY 1');
  await session.run('UPDATE cron.job SET active = false WHERE active');
  return rows.map(({ id }) => jobOf(database, Number(id)));
}

/** A database that holds subscriptions can't be dropped: they go first, and leave the publisher alone. */
export async function dropSubscriptions(session: PostgresSession): Promise<void> {
  for (const { name } of await session.query(`SELECT subname AS name FROM pg_subscription WHERE ${OWN}`)) {
    const subscription = quoted(String(name));
    await session.run(`ALTER SUBSCRIPTION ${subscription} DISABLE`);
    await session.run(`ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`);
    await session.run(`DROP SUBSCRIPTION ${subscription}`);
  }
}
