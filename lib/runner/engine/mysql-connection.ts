import { constants } from 'node:fs';
import { access, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { Family } from './mysql-tools';

/** Variables that the client's library and programs read. */
const VARIABLES = [
  'MYSQL_HOME MYSQL_UNIX_PORT MYSQL_TCP_PORT MARIADB_HOME LIBMYSQL_PLUGIN_DIR LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN',
  'MARIADB_TLS_DISABLE_PEER_VERIFICATION KRB5CCNAME KRB5_CONFIG SSL_CERT_FILE SSL_CERT_DIR',
].flatMap((line) => line.split(' '));

export interface MysqlConnection {
  /** Before all others, since an option file is only read there. Without any secret. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** The database that the task names; all of the server otherwise. */
  readonly database: string | undefined;
  readonly tls: string | undefined;
  /** Removes the option file. */
  close(): Promise<void>;
}

type Given = Machine['environment'];
type DatabaseSource = Extract<TaskManifest['source'], { kind: 'database' }>;

/**
 * How the tools reach the server: the standard variables and option files first, so that a run by hand works; else the
 * task says it. A password of a variable goes into an option file of this run, which reads the usual ones first.
 */
export async function openConnection(task: TaskManifest, family: Family, machine: Machine): Promise<MysqlConnection> {
  const { source } = task;
  if (source.kind !== 'database') throw new EngineError('config', `task ${task.name} has no database as its source`);
  const { environment: given } = machine;
  const { user, password } = loginOf(source, given);
  const file = password === undefined ? undefined : await writeOptionFile(task, password, machine);
  const environment: Record<string, string> = {};
  for (const name of VARIABLES) {
    const value = given[name];
    if (value !== undefined && value !== '') environment[name] = value;
  }
  return {
    args: [
      ...(file === undefined ? [] : [`--defaults-file=${file}`]),
      ...connectionArguments({ ...addressOf(source, given), user, tls: source.tls }, family),
    ],
    environment,
    secrets: password === undefined ? [] : [password],
    database: source.database,
    tls: source.tls,
    close: async () => {
      if (file !== undefined) await rm(file, { force: true });
    },
  };
}

export interface Address {
  readonly host?: string;
  readonly port?: string;
  readonly user?: string;
  readonly tls?: string;
}

/** Only mysql reads MYSQL_HOST by itself, the dump does not. "localhost" of a spec is an address, not a socket. */
export function addressOf(source: Pick<DatabaseSource, 'host' | 'port'>, given: Given): Address {
  const host = given.MYSQL_HOST || source.host;
  const port = given.MYSQL_TCP_PORT || source.port?.toString();
  return { ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
}

export function connectionArguments({ host, port, user, tls }: Address, family: Family): readonly string[] {
  return [
    ...(host === undefined ? [] : [`--host=${host}`]),
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(host !== undefined && port !== undefined ? ['--protocol=tcp'] : []),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...tlsArguments(tls, family),
  ];
}

const MYSQL_MODES: Readonly<Record<string, string>> = {
  disable: 'DISABLED',
  prefer: 'PREFERRED',
  require: 'REQUIRED',
  'verify-ca': 'VERIFY_CA',
  'verify-full': 'VERIFY_IDENTITY',
};

/** MariaDB knows no check of the CA alone: it checks the name too. Its `--ssl` is no more than a wish, see `checkTls`. */
function tlsArguments(tls: string | undefined, family: Family): readonly string[] {
  if (tls === undefined) return [];
  if (family === 'mysql') return [`--ssl-mode=${MYSQL_MODES[tls] ?? 'VERIFY_IDENTITY'}`];
  if (tls === 'disable') return ['--skip-ssl'];
  const verified = tls !== 'prefer' && tls !== 'require';
  return ['--ssl', verified ? '--ssl-verify-server-cert' : '--skip-ssl-verify-server-cert'];
}

/** The spec names one variable for the user, or one for the password, or both in that order. */
export function loginOf(source: DatabaseSource, given: Given): { readonly user?: string; readonly password?: string } {
  const [first, second] = source.environment;
  const isPassword = source.user !== undefined || /pass|pwd|secret/i.test(first ?? '');
  const userName = second === undefined && isPassword ? undefined : first;
  const passwordName = second ?? (isPassword ? first : undefined);
  const user = (userName && given[userName]) || source.user;
  const password = given.MYSQL_PWD || (passwordName && given[passwordName]);
  return { ...(user !== undefined && { user }), ...(password && { password }) };
}

/** What a crashed run left behind is removed after this time. */
const STALE_MILLISECONDS = 7 * 86_400_000;

async function writeOptionFile(task: TaskManifest, password: string, machine: Machine): Promise<string> {
  const folder = path.join(machine.stateFolder, 'logins', encodeURIComponent(task.name));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(path.join(folder, name)).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < machine.now().getTime() - STALE_MILLISECONDS) await rm(path.join(folder, name), { force: true });
  }
  const file = path.join(folder, `${machine.randomHex(8)}.cnf`);
  const usual = await usualFiles(machine.environment);
  await writeFile(file, optionFile(password, usual), { mode: 0o600, flag: 'wx' });
  return file;
}

/** The files of https://mariadb.com/kb/en/configuring-mariadb-with-option-files/ that are there, in their order. */
async function usualFiles({ MYSQL_HOME: own, HOME: home }: Given): Promise<readonly string[]> {
  const files = [
    '/etc/my.cnf',
    '/etc/mysql/my.cnf',
    ...(own ? [path.join(own, 'my.cnf')] : []),
    ...(home ? [path.join(home, '.my.cnf')] : []),
  ];
  const there = await Promise.all(
    files.map((file) =>
      access(file, constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => there[index]);
}

/** Within double quotes a backslash escapes, and a number sign begins no comment. */
export function optionFile(password: string, includes: readonly string[]): string {
  if (/[\r\n\0]/.test(password)) throw new EngineError('config', 'the password has a line break in it');
  const quoted = password.replace(/["\\]/g, '\\$&');
  return [...includes.map((file) => `!include ${file}`), '[client]', `password="${quoted}"`, ''].join('\n');
}
