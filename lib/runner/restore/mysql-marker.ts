import { identifier, literal } from '../engine/mysql-session';
import type { MysqlSession } from '../engine/mysql-session';

/**
 * MySQL renames no databases, so a restored one has its own name from the start. While it is not whole its name stands in
 * this schema; whoever sees it there sees half of a restore, and the next one begins by dropping it.
 */
export const MARKER = 'hypdr_restoring';

export interface Marked {
  readonly databases: readonly string[];
  /** What the server's scheduler was set to, before a restore switched it off. */
  readonly scheduler: string | undefined;
}

export async function readMarker(session: MysqlSession): Promise<Marked> {
  const tables = await session.query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = ${literal(MARKER)}`,
  );
  const names = new Set(tables.map(([name]) => name));
  const databases = names.has('databases') ? await session.query(`SELECT name FROM ${MARKER}.\`databases\``) : [];
  const [setting] = names.has('settings')
    ? await session.query(`SELECT value FROM ${MARKER}.settings WHERE name = 'event_scheduler'`)
    : [];
  return { databases: databases.map(([name = '']) => name), scheduler: setting?.[0] };
}

/** Written before anything else is. */
export async function mark(session: MysqlSession, databases: readonly string[], scheduler: string): Promise<void> {
  await session.query(`CREATE DATABASE IF NOT EXISTS ${MARKER}`);
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${MARKER}.settings (name varchar(64) PRIMARY KEY, value varchar(64)) ENGINE=InnoDB`,
  );
  await session.query(`INSERT IGNORE INTO ${MARKER}.settings VALUES ('event_scheduler', ${literal(scheduler)})`);
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${MARKER}.\`databases\` (name varchar(64) CHARACTER SET utf8 COLLATE utf8_bin PRIMARY KEY) ENGINE=InnoDB`,
  );
  for (const name of databases)
    await session.query(`INSERT IGNORE INTO ${MARKER}.\`databases\` VALUES (${literal(name)})`);
}

/** The last step: what it named is whole, or gone. */
export async function unmark(session: MysqlSession): Promise<void> {
  await session.query(`DROP DATABASE IF EXISTS ${MARKER}`);
}

export async function dropDatabases(session: MysqlSession, databases: readonly string[]): Promise<void> {
  await session.query('SET SESSION foreign_key_checks = 0');
  for (const name of databases) await session.query(`DROP DATABASE IF EXISTS ${identifier(name)}`);
  await session.query('SET SESSION foreign_key_checks = 1');
}
