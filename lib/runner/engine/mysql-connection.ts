import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { connectionOf } from '../secret/connection';
import type { StandardVariables } from '../secret/connection';
import { openOptionFile } from './mysql-option-file';
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
  /** Before a tool is started late in a run: the option file gets the login of a secret that was rotated. */
  refresh(): Promise<void>;
  /** Removes the option file. */
  close(): Promise<void>;
}

/**
 * How the tools reach the server: the standard variables and option files first, so that a run by hand works; else the
 * task or its secret says it. A password goes into an option file of this run, which reads the usual ones first.
 * @throws EngineError
 */
export async function openConnection(task: TaskManifest, family: Family, machine: Machine): Promise<MysqlConnection> {
  let connection = await connectionOf(task, machine, standardVariables);
  const { host, port, user, tls, database, password } = connection;
  const file = password ? await openOptionFile(task.name, { user, password }, machine) : undefined;
  const environment: Record<string, string> = {};
  for (const name of VARIABLES) {
    const value = machine.environment[name];
    if (value) environment[name] = value;
  }
  const secrets = [...connection.secrets];
  return {
    args: [
      ...(file ? [`--defaults-file=${file.path}`] : []),
      ...connectionArguments({ host, port, ...(!file && { user }), tls }, family),
    ],
    environment,
    secrets,
    database,
    tls,
    refresh: async () => {
      const now = await connection.fresh();
      if (file && now.password && (now.password !== connection.password || now.user !== connection.user)) {
        secrets.push(now.password);
        await file.write({ user: now.user, password: now.password });
      }
      connection = now;
    },
    close: async () => file?.remove(),
  };
}

/** Only mysql reads MYSQL_HOST by itself, the dump does not. "localhost" of a spec is an address, not a socket. */
export function standardVariables(given: Machine['environment']): StandardVariables {
  return { host: given.MYSQL_HOST, port: given.MYSQL_TCP_PORT, password: given.MYSQL_PWD };
}

export interface Address {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly user?: string | undefined;
  readonly tls?: string | undefined;
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
