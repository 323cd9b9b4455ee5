import { runChild, statusOf } from './child';
import { codeOf, errorOfTalk } from './mysql-error';
import type { MysqlSource } from './mysql-run';
import { unescape } from './mysql-session';
import { releaseOf } from './mysql-tools';
import type { Version } from './mysql-tools';

/** One source that a server follows. */
export interface Channel {
  /** Its name, or the source's address where it has none. */
  readonly name: string;
  /** `Yes`, `No`, `Connecting` or `Preparing`, as the server says it. */
  readonly io: string;
  readonly sql: string;
  /** Number of the error that ended the thread; 0 where none did. Words quote rows and statements, and stay there. */
  readonly ioError: number;
  readonly sqlError: number;
  /** Seconds since what it replays now was committed on the source; `undefined` where a thread does not run. */
  readonly behind: number | undefined;
  /** Seconds that it is meant to be behind. */
  readonly delay: number;
}

/** What a server follows: nothing where it is a primary. `hidden`: the account may not see it. */
export type Replication = readonly Channel[] | 'hidden';

/** A delay of the source that passes by itself is none of our business; an hour is. */
const FAR_BEHIND_SECONDS = 3600;

/**
 * https://mariadb.com/kb/en/show-replica-status/ (REPLICA MONITOR; all connections by ALL),
 * https://dev.mysql.com/doc/refman/8.4/en/show-replica-status.html (REPLICATION CLIENT; all channels, since 8.0.22).
 */
export function statusStatement({ family, text }: Version): string {
  if (family === 'mariadb') return 'SHOW ALL SLAVES STATUS';
  const patch = Number(text.split('.')[2] ?? 0);
  const old = releaseOf(text) < 8000 || (releaseOf(text) === 8000 && patch < 22);
  return old ? 'SHOW SLAVE STATUS' : 'SHOW REPLICA STATUS';
}

/** In a connection of its own: columns have other numbers in other versions, and only a client that is asked tells their names. */
export async function readReplication(source: MysqlSource): Promise<Replication> {
  const { connection, machine, server, tools } = source;
  const args = ['--batch', '--column-names', '--connect-timeout=30', '--default-character-set=utf8mb4'];
  const statement = `--execute=${statusStatement(server.version)}`;
  const { environment, secrets } = connection;
  await connection.refresh();
  const end = await runChild(tools.client, [...connection.args, ...args, statement], {
    machine,
    environment,
    secrets,
  });
  if (end.exitCode === 0) return parseReplication(end.stdout);
  if (codeOf(end.stderr) === NOT_ALLOWED) return 'hidden';
  throw errorOfTalk('state of replication', end.stderr || `${tools.client} ended with ${statusOf(end)}`);
}

const NOT_ALLOWED = 1227;

/** Members of a group agree by themselves what they have; their channels have no state of this kind. */
const OF_A_GROUP = /^group_replication_/;

export function parseReplication(text: string): readonly Channel[] {
  const [head = [], ...rows] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t').map(unescape));
  const names = head.map((name) => name.toLowerCase().replace('slave', 'replica').replace('master', 'source'));
  return rows.flatMap((row) => {
    const get = (name: string) => row[names.indexOf(name)] ?? '';
    const channel = get('channel_name') || get('connection_name');
    if (OF_A_GROUP.test(channel)) return [];
    const behind = get('seconds_behind_source');
    return {
      name: channel || `${get('source_host')}:${get('source_port')}`,
      io: get('replica_io_running'),
      sql: get('replica_sql_running'),
      ioError: Number(get('last_io_errno')),
      sqlError: Number(get('last_sql_errno')),
      behind: /^\d+$/.test(behind) ? Number(behind) : undefined,
      delay: Number(get('sql_delay')) || 0,
    };
  });
}

/**
 * Why what the server holds may be old: it follows another one, and nothing new comes from there, or it came and is not
 * replayed. Such a backup would go on, green, with what nobody uses.
 * @default - it is a primary, or follows one
 */
export function staleness(replication: Replication, readOnly: boolean): string | undefined {
  if (replication === 'hidden') return readOnly ? `the server is read-only, and ${HIDDEN}` : undefined;
  const whys = replication.flatMap(({ name, io, sql, ioError, sqlError, behind, delay }) => {
    const errorOf = (number: number) => (number === 0 ? '' : `, error ${number}`);
    const threads = [
      ...(io === 'Yes' ? [] : [`receives nothing (I/O thread: ${io}${errorOf(ioError)})`]),
      ...(sql === 'Yes' ? [] : [`replays nothing (SQL thread: ${sql}${errorOf(sqlError)})`]),
    ];
    if (threads.length > 0)
      return `from ${name} it ${threads.join(' and ')}, and of which moment its data is it does not say`;
    if (behind === undefined || behind - delay < FAR_BEHIND_SECONDS) return [];
    return `it is ${behind} seconds behind ${name}${delay > 0 ? `, of which ${delay} are meant` : ''}`;
  });
  if (whys.length === 0) return undefined;
  return `the server is a replica: ${whys.join('; ')}; the state of replication there tells why, and if another server is the primary now, that one has to be backed up`;
}

export const HIDDEN =
  'whether it follows another one, and how far, the account may not see: grant it REPLICA MONITOR (MySQL: REPLICATION CLIENT) on *.*';

/** The moment of which the data is: what a replica has not replayed is not in it. The slowest of several sources counts. */
export function appliedAt(replication: Replication, at: Date): Date {
  if (replication === 'hidden') return at;
  const behind = Math.max(0, ...replication.map((one) => one.behind ?? 0));
  return new Date(at.getTime() - behind * 1000);
}
