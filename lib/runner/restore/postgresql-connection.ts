import type { Machine } from '../machine';
import type { PostgresConnection } from '../engine/postgresql-environment';
import { PASSWORD_VARIABLE } from './server-url';
import type { ServerAddress } from './server-url';

/** Files and settings of libpq that belong to this host and to no server. */
const HOSTS_OWN = [
  'PGPASSFILE',
  'PGSSLCERT',
  'PGSSLKEY',
  'PGSSLROOTCERT',
  'PGSSLCRL',
  'PGCONNECT_TIMEOUT',
  'KRB5CCNAME',
];

/** How the tools reach the target. */
export function targetConnection(
  { host, port, user, tls }: ServerAddress,
  maintenance: string,
  { environment: given }: Pick<Machine, 'environment'>,
): PostgresConnection {
  const password = given[PASSWORD_VARIABLE];
  const environment: Record<string, string> = { PGAPPNAME: 'hypdr restore', PGCONNECT_TIMEOUT: '30' };
  const known: Readonly<Record<string, string | undefined>> = {
    ...Object.fromEntries(HOSTS_OWN.map((name) => [name, given[name]])),
    PGHOST: host,
    PGPORT: port,
    PGUSER: user,
    PGSSLMODE: tls,
    PGPASSWORD: password,
  };
  for (const [name, value] of Object.entries(known)) if (value) environment[name] = value;
  const connection: PostgresConnection = {
    environment,
    secrets: password ? [password] : [],
    database: undefined,
    maintenance,
    fresh: () => Promise.resolve(connection),
  };
  return connection;
}
