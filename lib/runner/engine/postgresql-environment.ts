import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';

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
}

/** How the tools reach the server: their own standard variables first, so that a run by hand works; else the task says it. */
export function connectionOf(
  task: TaskManifest,
  { environment: given }: Pick<Machine, 'environment'>,
): PostgresConnection {
  const { source } = task;
  if (source.kind !== 'database') throw new EngineError('config', `task ${task.name} has no database as its source`);
  const named = namedBySpec(source, given);
  const fromTask: Readonly<Record<string, string | undefined>> = {
    PGHOST: source.host,
    PGPORT: source.port?.toString(),
    PGUSER: named.user ?? source.user,
    PGPASSWORD: named.password,
    PGSSLMODE: source.tls,
    PGCONNECT_TIMEOUT: CONNECT_TIMEOUT,
  };
  const environment: Record<string, string> = { PGAPPNAME: `hypdr ${task.name}` };
  for (const name of LIBPQ) {
    const value = given[name] ?? fromTask[name];
    if (value !== undefined && value !== '') environment[name] = value;
  }
  const secrets = [environment.PGPASSWORD, named.password].filter((one): one is string => Boolean(one));
  const database = source.database ?? (given.PGDATABASE || undefined);
  return { environment, secrets, database, maintenance: database ?? 'postgres' };
}

type DatabaseSource = Extract<TaskManifest['source'], { kind: 'database' }>;

/** The spec names one variable for the user, or one for the password, or both in that order. */
function namedBySpec(
  source: DatabaseSource,
  given: Machine['environment'],
): { readonly user?: string; readonly password?: string } {
  const [first, second] = source.environment;
  if (first === undefined) return {};
  if (second !== undefined) return { user: given[first], password: given[second] };
  const isPassword = source.user !== undefined || /pass|pwd|secret/i.test(first);
  return isPassword ? { password: given[first] } : { user: given[first] };
}
