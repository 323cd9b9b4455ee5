import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../engine/engine';
import { connectionArguments } from '../engine/mysql-connection';
import type { MysqlConnection } from '../engine/mysql-connection';
import { optionFile } from '../engine/mysql-option-file';
import type { Family } from '../engine/mysql-tools';
import type { Machine } from '../machine';
import { PASSWORD_VARIABLE, readServerUrl } from './server-url';

export interface TargetServer {
  readonly connection: MysqlConnection;
  /** For people. */
  readonly shown: string;
}

/**
 * How the tools reach the target: by an option file alone, which says everything, or by a URL and the target's own password.
 * The usual option files are not read, since they may lead to the source.
 * @throws EngineError
 */
export async function targetServer(target: string, family: Family, machine: Machine): Promise<TargetServer> {
  const file = path.isAbsolute(target) && (await stat(target).catch(() => undefined))?.isFile() === true;
  return file ? byFile(target, machine) : byUrl(target, family, machine);
}

function byFile(file: string, machine: Machine): TargetServer {
  return {
    shown: `the server of ${file}`,
    connection: connectionOf([`--defaults-file=${file}`], [], machine, () => Promise.resolve()),
  };
}

async function byUrl(target: string, family: Family, machine: Machine): Promise<TargetServer> {
  const { host, port, user, database, tls, shown } = readServerUrl(target, ['mysql', 'mariadb']);
  if (database !== undefined)
    throw new EngineError(
      'config',
      '--target names a database',
      'MySQL can rename none: each comes back under its own name',
    );
  const password = machine.environment[PASSWORD_VARIABLE] ?? '';
  const folder = path.join(machine.stateFolder, 'logins');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = path.join(folder, `restore-${machine.randomHex(8)}.cnf`);
  await writeFile(own, optionFile({ user, password }, []), { mode: 0o600, flag: 'wx' });
  const args = [`--defaults-file=${own}`, ...connectionArguments({ host, port, tls }, family)];
  return { shown, connection: connectionOf(args, password ? [password] : [], machine, () => rm(own, { force: true })) };
}

function connectionOf(
  args: readonly string[],
  secrets: readonly string[],
  { stateFolder }: Machine,
  close: () => Promise<void>,
): MysqlConnection {
  return {
    args,
    // MySQL's client reads its login file whatever it is told: https://dev.mysql.com/doc/refman/8.4/en/mysql-config-editor.html
    environment: { MYSQL_TEST_LOGIN_FILE: path.join(stateFolder, 'no-login-file') },
    secrets,
    database: undefined,
    tls: undefined,
    refresh: () => Promise.resolve(),
    close,
  };
}
