import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemProgram } from './programs';
import { runProgram } from './run-program';
import { startServer } from './server-process';
import type { RunningServer } from './server-process';
import { systemUser } from './system-user';

export interface MariadbServer extends RunningServer {
  readonly user: string;
  readonly password: string;
  /** A `my.cnf` with user and password under `[client]`. */
  readonly optionFile: string;
  /** What `mariadb`, `mariadb-dump` and the runner need: `MYSQL_HOME` is the option file's folder. */
  readonly environment: Readonly<Record<'MYSQL_HOST' | 'MYSQL_TCP_PORT' | 'MYSQL_HOME', string>>;
  /** Runs statements; rows as lines, columns between tabs. @default database - none */
  sql(statements: string, database?: string): Promise<string>;
}

export interface MariadbOptions {
  /** Server options without dashes, for instance `{ 'binlog-format': 'STATEMENT' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Small logs and no syncing: a crash of the process loses nothing, and each suite makes its own server. */
const QUICK = { 'innodb-log-file-size': '16M', 'innodb-flush-method': 'nosync', 'innodb-buffer-pool-size': '64M' };

/** A MariaDB server of its own, with binary logs in row format. */
export async function startMariadb({ settings = {} }: MariadbOptions = {}): Promise<MariadbServer> {
  const account = systemUser('mysql');
  const [user, password] = ['root', randomBytes(12).toString('hex')];
  const optionFile = (folder: string) => path.join(folder, 'my.cnf');
  const sql = (folder: string, statements: string, database?: string) =>
    runProgram(
      systemProgram('mariadb'),
      [`--defaults-file=${optionFile(folder)}`, '--batch', '--skip-column-names', ...(database ? [database] : [])],
      { input: statements },
    );
  const server = await startServer({
    name: 'mariadb',
    async prepare(folder) {
      for (const name of ['data', 'socket', 'tmp']) mkdirSync(path.join(folder, name), { mode: 0o700 });
      const logins = path.join(folder, 'logins.sql');
      writeFileSync(logins, loginStatements(user, password), { mode: 0o600 });
      for (const name of ['data', 'socket', 'tmp', 'logins.sql']) {
        chownSync(path.join(folder, name), account.uid, account.gid);
      }
      const install = ['--no-defaults', `--datadir=${path.join(folder, 'data')}`, '--skip-test-db', ...options(QUICK)];
      const temporary = `--tmpdir=${path.join(folder, 'tmp')}`;
      const login = ['--auth-root-authentication-method=normal', '--skip-name-resolve'];
      await runProgram(systemProgram('mariadb-install-db'), [...install, temporary, ...login], {
        user: account,
        environment: { HOME: folder },
      });
    },
    launch(folder, port) {
      const address = `host=127.0.0.1\nport=${port}\nprotocol=tcp\ndefault-character-set=utf8mb4`;
      const client = `[client]\n${address}\nuser=${user}\npassword=${password}\n`;
      writeFileSync(optionFile(folder), client, { mode: 0o600 });
      return {
        program: systemProgram('mariadbd'),
        args: ['--no-defaults', ...options(configuration(folder, port, settings))],
        environment: {},
        user: account,
      };
    },
    probe: async (_port, folder) => {
      await sql(folder, 'select 1');
    },
  });
  const { port, folder } = server;
  return Object.assign(server, {
    user,
    password,
    optionFile: optionFile(folder),
    environment: { MYSQL_HOST: '127.0.0.1', MYSQL_TCP_PORT: `${port}`, MYSQL_HOME: folder },
    sql: (statements: string, database?: string) => sql(folder, statements, database),
  });
}

/** Run at every start, so each statement may be repeated; without name resolution loopback is an address. */
function loginStatements(user: string, password: string): string {
  const [local, loopback] = [`'${user}'@'localhost'`, `'${user}'@'127.0.0.1'`];
  return [
    `create user if not exists ${loopback};`,
    `grant all on *.* to ${loopback} with grant option;`,
    ...[local, loopback].map((login) => `alter user ${login} identified by '${password}';`),
    '',
  ].join('\n');
}

function configuration(folder: string, port: number, settings: Readonly<Record<string, string>>) {
  return {
    datadir: path.join(folder, 'data'),
    // A server that starts removes what others have in a folder for temporary tables that it shares with them.
    tmpdir: path.join(folder, 'tmp'),
    socket: path.join(folder, 'socket', 'server'),
    'pid-file': path.join(folder, 'socket', 'server.pid'),
    port: `${port}`,
    'bind-address': '127.0.0.1',
    'skip-name-resolve': 'ON',
    'init-file': path.join(folder, 'logins.sql'),
    'server-id': '1',
    'log-bin': 'binlog',
    'binlog-format': 'ROW',
    'character-set-server': 'utf8mb4',
    ...QUICK,
    ...settings,
  };
}

const options = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);
