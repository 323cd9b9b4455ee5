import { choice, leaf, pattern } from '../leaf';
import { block, defaulted, map, optional, required } from '../structure';
import type { Typed } from '../type';
import { port } from '../types/amount';
import { secret } from '../types/cloud';

const hostName = pattern({
  name: 'host',
  text: 'a host name or IP address such as "db.example.com"',
  pattern: /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/,
  examples: ['db.example.com', '10.0.0.5'],
  rejects: 'http://db',
});

const databaseName = pattern({
  name: 'database name',
  text: 'the name of a database such as "orders"',
  pattern: /^[^\0"'`;\n\r]{1,128}$/,
  examples: ['orders', 'customers'],
  rejects: 'a;b',
});

/** A user name may stand in the spec; from env.NAME it is taken from the secret store like the password. */
const userName = leaf<{ readonly literal: string } | { readonly variable: string }>({
  name: 'user name',
  text: 'the name of a database user such as "backup", or env.NAME',
  examples: ['"backup"', '"reader"', 'env.DB_USER'],
  rejects: '"a;b"',
  json: { type: 'string' },
  read: (plain) => (typeof plain === 'string' && /^[^\0"'`;\s]{1,128}$/.test(plain) ? { literal: plain } : undefined),
  fromEnvironment: (variable) => ({ value: { variable } }),
});

const endpoint = block({
  host: required(hostName, 'host of the server'),
  port: optional(port, 'port of the server', 'the engine\'s own'),
  database: optional(databaseName, 'database to back up', 'all databases of the server'),
  username: optional(userName, 'user of the server', 'the `username` of the secret'),
  password: optional(secret, 'password, from the secret store', 'the `password` of the secret'),
  ssl_mode: defaulted(
    choice('TLS mode', ['disable', 'prefer', 'require', 'verify-ca', 'verify-full']),
    'verify-full',
    'how the connection is encrypted and the server checked',
  ),
});

/** The block `database`: connections, by the data set's name. */
export const connections = map(
  'connection',
  block({
    primary: required(endpoint, 'server that is written to'),
    replica: optional(endpoint, 'server that backups are taken from', 'the primary'),
  }),
);

export type ConnectionsSpec = Typed<typeof connections>;
