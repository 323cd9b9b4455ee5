import { identifier, literal } from '../engine/mysql-session';
import type { MysqlSession } from '../engine/mysql-session';
import type { Held } from './target';

/** Disables the events of restored databases, and names them; nothing else of an event changes, its definer neither. */
export async function holdEvents(session: MysqlSession, databases: readonly string[]): Promise<readonly Held[]> {
  const rows = await session.query(
    `SELECT event_schema, event_name, definer, sql_mode, time_zone FROM information_schema.events
     WHERE status = 'ENABLED' AND event_schema IN (${databases.map(literal).join(', ')}) ORDER BY 1, 2`,
  );
  const held: Held[] = [];
  for (const [schema = '', name = '', definer = '', mode = '', zone = ''] of rows) {
    const at = definer.lastIndexOf('@');
    const who = `${identifier(definer.slice(0, at))}@${identifier(definer.slice(at + 1))}`;
    const event = `DEFINER=${who} EVENT ${identifier(schema)}.${identifier(name)}`;
    // An event takes mode and zone of the session that alters it.
    await session.query(`SET SESSION sql_mode = ${literal(mode)}, time_zone = ${literal(zone)}`);
    await session.query(`ALTER ${event} DISABLE`);
    held.push({ kind: 'event', name: `${schema}.${name}`, release: `ALTER ${event} ENABLE` });
  }
  await session.query("SET SESSION sql_mode = '', time_zone = '+00:00'");
  return held;
}

/** Accounts as which views, routines, triggers and events run, and which the server does not have. */
export async function missingDefiners(session: MysqlSession, databases: readonly string[]): Promise<readonly string[]> {
  const list = databases.map(literal).join(', ');
  const parts = (['views table', 'routines routine', 'triggers trigger', 'events event'] as const).map((one) => {
    const [table, prefix] = one.split(' ');
    return `SELECT definer FROM information_schema.${table} WHERE ${prefix}_schema IN (${list})`;
  });
  const rows = await session.query(
    `SELECT DISTINCT definer FROM (${parts.join(' UNION ')}) AS d WHERE NOT EXISTS
     (SELECT 1 FROM mysql.user u WHERE CONVERT(CONCAT(u.user, '@', u.host) USING utf8mb4) COLLATE utf8mb4_bin = CONVERT(d.definer USING utf8mb4) COLLATE utf8mb4_bin) ORDER BY 1`,
  );
  return rows.map(([name = '']) => name);
}
