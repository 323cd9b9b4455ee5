import type { BackupManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import { identifier, literal } from '../engine/mysql-session';
import type { MysqlSession } from '../engine/mysql-session';
import { nameOf, releaseOf } from '../engine/mysql-tools';
import type { MysqlTools, Version } from '../engine/mysql-tools';

/** Databases of a full, by what it counted. */
export function databasesIn({ streams, contents }: BackupManifest): readonly string[] {
  const names = [
    ...streams.flatMap(({ database }) => database ?? []),
    ...contents.flatMap(({ database }) => database ?? []),
  ];
  return [...new Set(names)].sort();
}

/** Dumps and logs go to a server of their own family, as new as theirs or newer. */
export function checkVersion(tools: MysqlTools, server: Version, { tools: taken }: BackupManifest): void {
  const [, family, text] = /^(MySQL|MariaDB) (\S+)$/.exec(taken.server ?? '') ?? [];
  const source: Version = { family: family === 'MySQL' ? 'mysql' : 'mariadb', text: text ?? server.text };
  if (server.family !== source.family || tools.family !== server.family) {
    const what = `the backup is of ${nameOf(source)}, the target ${nameOf(server)}, and the client ${nameOf(tools.version)}`;
    throw new EngineError('config', what, 'use server and client of the family that was backed up');
  }
  if (releaseOf(server.text) < releaseOf(source.text))
    throw new EngineError(
      'config',
      `the target is ${nameOf(server)}, and the backup is of ${nameOf(source)}`,
      'restore into a server that is as new or newer',
    );
}

/** Of these databases, those that are on the server and hold something. */
export async function fullDatabases(session: MysqlSession, databases: readonly string[]): Promise<readonly string[]> {
  const full: string[] = [];
  for (const name of databases) {
    const parts = ['tables table', 'routines routine', 'events event'].map((one) => {
      const [table, prefix] = one.split(' ');
      return `(SELECT COUNT(*) FROM information_schema.${table} WHERE ${prefix}_schema = ${literal(name)})`;
    });
    const [row] = await session.query(`SELECT ${parts.join(' + ')}`);
    if (row?.[0] !== '0') full.push(name);
  }
  return full;
}

export function refuseFull(full: readonly string[], replace: readonly string[]): void {
  const lacking = full.filter((name) => !replace.includes(name));
  if (lacking.length === 0) return;
  throw new EngineError(
    'config',
    `the target has ${lacking.map(identifier).join(', ')}, and not empty`,
    `restore into another server, or say ${lacking.map((name) => `--replace ${name}`).join(' ')}: what is there is dropped then, for good`,
  );
}

/** What an account needs that restores. */
export const MAY =
  'grant the account SUPER, or BINLOG ADMIN and SET USER (MariaDB), SYSTEM_VARIABLES_ADMIN and SET_ANY_DEFINER (MySQL)';

/** What is restored is in no binary log of the target, and nothing of it acts meanwhile. */
export async function prepareSession(session: MysqlSession): Promise<void> {
  await session.query('SET SESSION sql_log_bin = 0').catch((error: Error) => {
    throw new EngineError('config', error.message, MAY, { cause: error });
  });
}
