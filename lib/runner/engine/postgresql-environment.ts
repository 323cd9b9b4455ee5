import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { connectionOf } from '../secret/connection';
import type { Connection, StandardVariables } from '../secret/connection';

/** Variables of libpq (https://www.postgresql.org/docs/current/libpq-envars.html), all of which the tools understand. */
const LIBPQ = [
  'PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGREQUIREAUTH PGCHANNELBINDING',
  'PGSSLMODE PGREQUIRESSL PGSSLNEGOTIATION PGSSLCERT PGSSLKEY PGSSLCERTMODE PGSSLROOTCERT PGSSLCRL PGSSLCRLDIR PGSSLSNI',
  'PGSSLMINPROTOCOLVERSION PGSSLMAXPROTOCOLVERSION PGREQUIREPEER PGGSSENCMODE PGKRBSRVNAME PGGSSLIB PGGSSDELEGATION',
  'PGCONNECT_TIMEOUT PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS KRB5CCNAME KRB5_CONFIG SSL_CERT_FILE SSL_CERT_DIR',
].flatMap((line) => line.split(' '));

/** Seconds until a server that does not answer is a failure. */
const CONNECT_TIMEOUT = '30';

export interface PostgresConnection {
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** The database that the task names; all of the server otherwise. */
  readonly database: string | undefined;
  /** Where the first question is asked. */
  readonly maintenance: string;
  /** For a connection that is opened late in a run: its password may have been rotated. */
  fresh(): Promise<PostgresConnection>;
}

/**
 * How the tools reach the server.
 * @throws EngineError
 */
export async function openConnection(task: TaskManifest, machine: Machine): Promise<PostgresConnection> {
  const asTools = (connection: Connection): PostgresConnection => ({
    ...toolsEnvironment(task.name, connection, machine.environment),
    fresh: async () => asTools(await connection.fresh()),
  });
  return asTools(await connectionOf(task, machine, standardVariables));
}

/** The tools' own variables come before the task, so that a run by hand works. */
export function standardVariables({ PGHOST, PGPORT, PGUSER, PGPASSWORD }: Machine['environment']): StandardVariables {
  return { host: PGHOST, port: PGPORT, user: PGUSER, password: PGPASSWORD };
}

export function toolsEnvironment(
  task: string,
  connection: Omit<Connection, 'fresh'>,
  given: Machine['environment'],
): Omit<PostgresConnection, 'fresh'> {
  const { host, port, user, password, tls, database = given.PGDATABASE || undefined, firstDatabase } = connection;
  const known: Readonly<Record<string, string | undefined>> = {
    ...Object.fromEntries(LIBPQ.map((name) => [name, given[name]])),
    PGHOST: host,
    PGPORT: port,
    PGUSER: user,
    PGPASSWORD: password,
    PGSSLMODE: given.PGSSLMODE ?? tls,
    PGCONNECT_TIMEOUT: given.PGCONNECT_TIMEOUT ?? CONNECT_TIMEOUT,
  };
  const environment: Record<string, string> = { PGAPPNAME: `hypdr ${task}` };
  for (const [name, value] of Object.entries(known)) if (value) environment[name] = value;
  return { environment, secrets: connection.secrets, database, maintenance: database ?? firstDatabase ?? 'postgres' };
}
