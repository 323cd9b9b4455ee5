import { EngineError } from '../engine/engine';
import { connectionArguments, toolEnvironment } from '../engine/sqlserver-connection';
import type { SqlServerConnection } from '../engine/sqlserver-connection';
import type { Machine } from '../machine';
import { PASSWORD_VARIABLE, readServerUrl } from './server-url';

export interface TargetServer {
  readonly connection: SqlServerConnection;
  /** For people. */
  readonly shown: string;
  /** The name that the only database of the restore gets. @default - its own */
  readonly database: string | undefined;
}

/**
 * How sqlcmd reaches the target: by a URL, and the target's own password in SQLCMDPASSWORD of the tool alone. The source's
 * SQLCMDSERVER, SQLCMDUSER and SQLCMDPASSWORD are never read.
 * @throws EngineError
 */
export function targetServer(target: string, { environment: given }: Machine): TargetServer {
  const { host = '', port, user, database, tls, shown } = readServerUrl(target, ['sqlserver']);
  const password = given[PASSWORD_VARIABLE] || undefined;
  if (user !== undefined && password === undefined)
    throw new EngineError('config', `there is no password for "${user}" of the target`, `set ${PASSWORD_VARIABLE}`);
  if (user === undefined && password !== undefined)
    throw new EngineError('config', 'there is a password and no user for the target', 'name it in --target');
  const connection: SqlServerConnection = {
    args: connectionArguments({ host, port, user, password, tls }, {}),
    environment: toolEnvironment({ password }, given),
    secrets: password === undefined ? [] : [password],
    database: undefined,
    fresh: () => Promise.resolve(connection),
  };
  return { connection, shown, database };
}
