import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { connectionOf } from '../secret/connection';
import type { Connection, StandardVariables } from '../secret/connection';
import { EngineError } from './engine';

/** What sqlcmd's drivers read: ODBC's files, Kerberos, the system's certificates, and a user's folders on Windows. */
const VARIABLES = [
  'ODBCINI ODBCSYSINI ODBCINSTINI KRB5CCNAME KRB5_CONFIG KRB5_KTNAME SSL_CERT_FILE SSL_CERT_DIR',
  'USERPROFILE USERNAME USERDOMAIN APPDATA LOCALAPPDATA ProgramData SystemDrive COMPUTERNAME',
].flatMap((line) => line.split(' '));

export interface SqlServerConnection {
  /** Never the last ones: `-N` takes what follows it for its value, unless it is another flag. Without any secret. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** The database that the task names; all of the server otherwise. */
  readonly database: string | undefined;
  /** For a tool that is started late in a run: its password may have been rotated. */
  fresh(): Promise<SqlServerConnection>;
}

/**
 * How sqlcmd reaches the server, in the flags that both of its kinds know.
 * https://learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-utility, https://github.com/microsoft/go-sqlcmd#readme
 * @throws EngineError
 */
export async function openConnection(task: TaskManifest, machine: Machine): Promise<SqlServerConnection> {
  const { environment: given } = machine;
  const asTool = (connection: Connection): SqlServerConnection => ({
    args: connectionArguments(connection, given),
    environment: toolEnvironment(connection, given),
    secrets: connection.secrets,
    database: connection.database,
    fresh: async () => asTool(await connection.fresh()),
  });
  return asTool(await connectionOf(task, machine, standardVariables));
}

/** sqlcmd's own variables come before the task, so that a run by hand works. */
export function standardVariables({
  SQLCMDSERVER,
  SQLCMDUSER,
  SQLCMDPASSWORD,
}: Machine['environment']): StandardVariables {
  return { host: SQLCMDSERVER, user: SQLCMDUSER, password: SQLCMDPASSWORD };
}

type Login = Pick<Connection, 'host' | 'port' | 'user' | 'password' | 'tls'>;

/**
 * `-x`: `$(name)` is text. `-I`: quoted identifiers, as the other kind of sqlcmd always has them. A wide screen, since
 * longer lines are broken. `master`, where the locks live.
 */
export function connectionArguments(login: Login, given: Machine['environment']): readonly string[] {
  return [
    ...['-S', serverOf(login, given)],
    ...loginArguments(login),
    ...tlsArguments(login.tls),
    ...['-d', 'master', '-l', '30', '-x', '-I', '-w', '65535'],
  ];
}

/** SQLCMDSERVER says all: `tcp:db.example.com,1433`, `host\instance`. An instance has a port of its own. */
function serverOf({ host, port }: Login, { SQLCMDSERVER: whole }: Machine['environment']): string {
  if (whole) return whole;
  const name = host || 'localhost';
  return port && !/[\\,]/.test(name) ? `${name},${port}` : name;
}

function loginArguments({ user, password }: Login): readonly string[] {
  if (!user && !password) return ['-E'];
  if (!user) throw new EngineError('config', 'there is a password and no user for SQL Server', 'set SQLCMDUSER');
  if (!password)
    throw new EngineError('config', `there is no password for "${user}"`, 'set SQLCMDPASSWORD, or store the secret');
  return ['-U', user];
}

/**
 * `-N` alone means encrypted in every kind and version, `-C` any certificate. No flag that all know switches encryption
 * off: what a newer sqlcmd encrypts by itself is encrypted with `disable` too.
 */
function tlsArguments(tls: string | undefined): readonly string[] {
  switch (tls) {
    case undefined:
      return [];
    case 'disable':
    case 'prefer':
      return ['-C'];
    case 'require':
      return ['-N', '-C'];
    default:
      return ['-N'];
  }
}

/** What sqlcmd is given of the environment, with the password of the login. */
export function toolEnvironment(
  { password }: Pick<Login, 'password'>,
  given: Machine['environment'],
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = password ? { SQLCMDPASSWORD: password } : {};
  for (const name of VARIABLES) {
    const value = given[name];
    if (value) environment[name] = value;
  }
  return environment;
}
