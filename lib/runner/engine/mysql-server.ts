import { EngineError } from './engine';
import type { MysqlConnection } from './mysql-connection';
import type { MysqlSession } from './mysql-session';
import { parseServerVersion } from './mysql-tools';
import type { Version } from './mysql-tools';

/** What the server says of itself. */
export interface MysqlServer {
  readonly version: Version;
  readonly binaryLogs: 'on' | 'off';
  /** Sizes of encrypted logs are not those of what the server sends. */
  readonly encryptedLogs: boolean;
  readonly lowerCaseNames: boolean;
  /** Nobody but those who administer it writes here. */
  readonly readOnly: boolean;
  /** Whether its binary logs hold what it replays as a replica, too. */
  readonly logsReplayed: boolean;
  /** Who it is: never an address, which a restored copy may have too. */
  readonly identity: Readonly<Record<string, string>>;
}

export async function readServer(session: MysqlSession): Promise<MysqlServer> {
  const [row] = await session.query('SELECT VERSION(), @@log_bin, @@lower_case_table_names, @@server_id, @@read_only');
  const [text = '', logs, lower, id = '', readOnly] = row ?? [];
  const version = parseServerVersion(text);
  const variables = await variablesOf(session);
  const own = version.family === 'mariadb' ? ['gtid_domain_id'] : ['server_uuid'];
  const identity = Object.fromEntries(own.map((name) => [name, variables.get(name) ?? '']));
  return {
    version,
    binaryLogs: logs === '1' ? 'on' : 'off',
    encryptedLogs: ['encrypt_binlog', 'binlog_encryption'].some((name) => variables.get(name) === 'ON'),
    lowerCaseNames: lower !== '0',
    readOnly: readOnly !== '0',
    logsReplayed: ['log_slave_updates', 'log_replica_updates'].some((name) => variables.get(name) === 'ON'),
    identity: { server_id: id, ...identity },
  };
}

async function variablesOf(session: MysqlSession): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'gtid_domain_id', 'encrypt_binlog', 'binlog_encryption',
      'log_slave_updates', 'log_replica_updates')`,
  );
  return new Map(rows.map(([name = '', value = '']) => [name, value]));
}

/** MariaDB's client goes on without TLS where the server has none, unless it is to check the certificate. */
export async function checkTls(session: MysqlSession, { tls }: Pick<MysqlConnection, 'tls'>): Promise<void> {
  if (tls === undefined || tls === 'disable' || tls === 'prefer') return;
  const [row] = await session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  if (row?.[1]) return;
  throw new EngineError('config', `ssl_mode is "${tls}" and the server has no TLS`, 'set up TLS in the server');
}

/** The server's clock, which the binary logs follow too. */
export async function serverTime(session: MysqlSession): Promise<Date> {
  const [row] = await session.query("SELECT DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%dT%H:%i:%s.%f')");
  return new Date(`${row?.[0]?.slice(0, 23)}Z`);
}
