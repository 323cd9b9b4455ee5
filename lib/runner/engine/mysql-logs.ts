import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type { BackupManifest } from '../../contract';
import { startChild } from './child';
import type { Child } from './child';
import { EngineError } from './engine';
import type { EngineRun, PreparedSource, RunContents, SourceStream } from './engine';
import { filesSince } from './mysql-coordinate';
import type { Coordinate, LogFile } from './mysql-coordinate';
import { binlogLogin } from './mysql-binlog-login';
import { endedWell } from './mysql-error';
import { appliedAt, readReplication } from './mysql-replica';
import type { Replication } from './mysql-replica';
import { gtidAt, gtidOf, staleOf } from './mysql-run';
import type { MysqlSource } from './mysql-run';
import { serverTime } from './mysql-server';
import { literal } from './mysql-session';

type Answer = Awaited<ReturnType<PreparedSource['canFollow']>>;

/** A log begins with four bytes that say what it is. */
const FIRST_POSITION = 4;

/** Whether the logs since a backup are all there, and are those that it was taken from. */
export async function canFollowLogs(source: MysqlSource, newest: BackupManifest): Promise<Answer> {
  requireLogs(source);
  const no = (why: string): Answer => ({ ok: false, why });
  const { identity, position } = newest.source;
  if (JSON.stringify(sorted(identity)) !== JSON.stringify(sorted(source.server.identity)))
    return no('the newest backup is of another server');
  const from = coordinateOf(position);
  if (!from) return no('the newest backup has no coordinate of the binary logs');
  const since = filesSince(from, await logFiles(source));
  if ('why' in since) return no(since.why);
  const same = await sameHistory(source, from, position.gtid);
  return same ? { ok: true } : no(`binary log ${from.file} is another one than that of the newest backup`);
}

/**
 * Logs that were reset have the same names and other contents: their GTIDs tell. MariaDB knows none of a position at
 * which no event begins.
 */
async function sameHistory({ control, server }: MysqlSource, from: Coordinate, gtid?: string): Promise<boolean> {
  if (server.version.family === 'mariadb') {
    const [row] = await control.query(`SELECT ${gtidOf(from.file, from.position)} IS NULL`);
    return row?.[0] === '0' && (await gtidAt(control, from.file, from.position)) === gtid;
  }
  if (gtid === undefined) return true;
  const [row] = await control.query(`SELECT GTID_SUBSET(${literal(gtid)}, @@GLOBAL.gtid_executed)`);
  return row?.[0] === '1';
}

function requireLogs({ server }: MysqlSource): void {
  if (server.binaryLogs === 'on') return;
  throw new EngineError(
    'config',
    'binary logs are off on the server, so there is nothing between two full backups',
    'start it with --log-bin and a --server-id, and let it keep logs for longer than the time between two log runs',
  );
}

/** A replica writes what it replays into its own logs only where it is told to: without it they look whole, and are empty. */
function refuseHalfLogs(replication: Replication, { server }: MysqlSource): void {
  if (replication === 'hidden' || replication.length === 0 || server.logsReplayed) return;
  throw new EngineError(
    'config',
    'the server is a replica whose binary logs lack what it replays',
    'start it with --log-slave-updates (MySQL: log_replica_updates=ON) and take a full, or take the logs of its source',
  );
}

function coordinateOf(position: Readonly<Record<string, string>>): Coordinate | undefined {
  const { 'binlog.file': file, 'binlog.position': at } = position;
  return file === undefined || at === undefined ? undefined : { file, position: Number(at) };
}

function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function logFiles({ control }: MysqlSource): Promise<readonly LogFile[]> {
  const rows = await control.query('SHOW BINARY LOGS');
  return rows.map(([name = '', bytes]) => ({ name, bytes: Number(bytes) }));
}

/**
 * All binary logs from the one that the parent ends in to the one that is closed now. The first is taken whole, since a
 * piece of a log cannot be read: the position where its replay begins stands beside it.
 */
export async function beginLogs(source: MysqlSource, parent: BackupManifest | undefined): Promise<EngineRun> {
  requireLogs(source);
  const from = parent && coordinateOf(parent.source.position);
  if (!from) throw new EngineError('config', 'a backup of binary logs follows another backup', 'take a full first');
  const { control, scratch } = source;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const replication = await readReplication(source);
  refuseHalfLogs(replication, source);
  const applied = appliedAt(replication, await serverTime(control));
  // A replica that fell further behind has all the same what it had.
  const pointInTime = new Date(Math.max(applied.getTime(), Date.parse(parent.pointInTime)));
  await control.query('FLUSH LOCAL BINARY LOGS');
  const since = filesSince(from, await logFiles(source));
  if ('why' in since) throw new EngineError('retry', since.why);
  const { files, active } = since;
  const degraded = staleOf(replication, source);
  const children = new Set<Child>();
  const read = new Set<string>();
  const clear = () => rm(scratch, { recursive: true, force: true });
  async function* streams(): AsyncIterable<SourceStream> {
    for (const file of files) {
      const login = await binlogLogin(source);
      const copy = await download(file, source, login, children);
      const output = createReadStream(copy);
      const ended = finished(output, { writable: false });
      ended.catch(() => undefined);
      const name = file.name.replace(/[^A-Za-z0-9_]+/g, '_');
      yield { name, format: 'binlog', compression: 'none', output, ended };
      read.add(file.name);
      await rm(copy, { force: true });
    }
  }
  return {
    pointInTime,
    position: await positionOf(source, from, files, active),
    streams,
    finish: async (): Promise<RunContents> => {
      if (read.size !== files.length) throw new Error('finish was called before all streams were read');
      await source.locks.check();
      await clear();
      return { contents: files.map(({ name, bytes }) => ({ name, bytes, exact: true })), degraded };
    },
    adopt: () => Promise.resolve(),
    abort: async () => {
      await Promise.allSettled([...children].map((child) => child.stop()));
      await clear().catch(() => undefined);
    },
  };
}

async function positionOf(
  { control, server }: MysqlSource,
  from: Coordinate,
  files: readonly LogFile[],
  active: string,
): Promise<Readonly<Record<string, string>>> {
  const gtid = server.version.family === 'mariadb' ? await gtidAt(control, active, FIRST_POSITION) : undefined;
  return {
    'binlog.file': active,
    'binlog.position': `${FIRST_POSITION}`,
    'binlog.from.file': from.file,
    'binlog.from.position': `${from.position}`,
    'binlog.files': JSON.stringify(files.map(({ name }) => name)),
    ...(gtid && { gtid }),
  };
}

/** The tool writes raw logs to files only; one at a time, each as large as the server says. */
async function download(
  { name, bytes }: LogFile,
  { connection, machine, scratch, server, tools }: MysqlSource,
  login: Awaited<ReturnType<typeof binlogLogin>>,
  children: Set<Child>,
): Promise<string> {
  const args = [...login.args, ...downloadArguments(scratch, name)];
  const { environment } = connection;
  const child = await startChild(tools.binlog, args, { machine, environment, secrets: login.secrets });
  children.add(child);
  child.stdout.resume();
  await endedWell(child, `${tools.binlog} of ${name}`);
  children.delete(child);
  const copy = path.join(scratch, name);
  const { size } = await stat(copy);
  if (size !== bytes && !server.encryptedLogs)
    throw new EngineError('retry', `binary log ${name} came with ${size} bytes, the server has ${bytes}`);
  return copy;
}

export function downloadArguments(folder: string, name: string): readonly string[] {
  return ['--read-from-remote-server', '--raw', `--result-file=${folder}${path.sep}`, '--', name];
}
