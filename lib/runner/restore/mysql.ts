import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TaskManifest } from '../../contract';
import { startChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import { codeOf, errorOfTalk } from '../engine/mysql-error';
import { readServer } from '../engine/mysql-server';
import { openSession } from '../engine/mysql-session';
import type { MysqlSession } from '../engine/mysql-session';
import { findTools } from '../engine/mysql-tools';
import type { Machine } from '../machine';
import { accountStatements } from './mysql-accounts';
import { MAY, checkVersion, databasesIn, fullDatabases, prepareSession, refuseFull } from './mysql-check';
import { targetServer } from './mysql-connection';
import { holdEvents, missingDefiners } from './mysql-held';
import { dropDatabases, mark, readMarker, unmark } from './mysql-marker';
import { findStop, logsOf, replayArguments, withoutAccounts } from './mysql-replay';
import type { SpooledLog } from './mysql-replay';
import { OverlapError } from './overlap';
import type { SpooledBackup } from './spool';
import type { Restored, StopPoint, Target, TargetOptions } from './target';

/** Databases on a MySQL or MariaDB server, from a dump and the binary logs after it. */
export async function openMysql(task: TaskManifest, options: TargetOptions, machine: Machine): Promise<Target> {
  const tools = await findTools(task, machine);
  const { connection, shown } = await targetServer(options.target, tools.family, machine);
  const only = task.source.kind === 'database' ? task.source.database : undefined;
  let control: MysqlSession | undefined;
  let databases: readonly string[] = [];
  let full: readonly string[] = [];

  return {
    name: shown,
    wants: ({ name }) => name !== 'accounts' || options.globals === 'restored',
    plan: () => [
      `switch the event scheduler off, and name ${databases.join(', ')} in hypdr_restoring`,
      ...full.map((name) => `drop ${name}`),
      ...(options.globals === 'restored' ? ['make the accounts that are not there'] : []),
      `load the dump, and replay the logs after it${options.until ? ` up to ${options.until.toISOString()}` : ''}`,
      'disable the events, and remove hypdr_restoring',
    ],
    check: async ({ chains: [chain] }) => {
      const manifest = chain?.members[0]?.manifest;
      if (!manifest) throw new Error('a point without a chain');
      databases = databasesIn(manifest);
      const others = (options.databases ?? databases).filter((name) => !databases.includes(name));
      if (others.length > 0 || (options.databases && options.databases.length < databases.length))
        throw new EngineError(
          'config',
          'a dump is restored as a whole',
          `leave --database out: it has ${databases.join(', ')}`,
        );
      control = await openSession(connection, tools, machine);
      const server = await readServer(control);
      checkVersion(tools, server.version, manifest);
      const [lock] = await control.query("SELECT GET_LOCK('hypdr restore', 0)");
      if (lock?.[0] !== '1') throw new OverlapError();
      const { databases: half } = await readMarker(control);
      full = (await fullDatabases(control, databases)).filter((name) => !half.includes(name));
      refuseFull(full, options.replace);
    },
    restore: async (backups, steps) => {
      if (!control) throw new Error('restore was called before check');
      const own = control;
      await prepareSession(own);
      const marked = await readMarker(own);
      const [setting] = await own.query('SELECT @@GLOBAL.event_scheduler');
      const scheduler = marked.scheduler ?? setting?.[0] ?? 'OFF';
      const again = () => startScheduler(own, scheduler);
      await mark(own, [], scheduler);
      try {
        await stopScheduler(own, setting?.[0]);
        // From here on what stands in the marker is not whole.
        await mark(own, databases, scheduler);
        const half = marked.databases.filter((name) => !databases.includes(name));
        await steps('drop what is replaced', () => dropDatabases(own, [...databases, ...half]));
        const notes = [...(await steps('accounts', () => loadAccounts(backups, own)))];
        await steps('load', () => loadDump(backups));
        await options.onFull?.();
        const replayed = await steps('replay', () => replay(backups));
        machine.signal.throwIfAborted();
        const held = await holdEvents(own, databases);
        const definers = await missingDefiners(own, databases);
        await again();
        await steps('put in place', () => unmark(own));
        return restored({ held, notes: [...notes, ...replayed.notes] }, replayed.stop, definers, backups);
      } catch (error) {
        await giveUp(again);
        throw error;
      }
    },
    close: async () => {
      await control?.close();
      await connection.close();
    },
  };

  /** In a session of its own: a statement that failed has ended the other one. */
  async function giveUp(again: () => Promise<void>): Promise<void> {
    const session = await openSession(connection, tools, { ...machine, signal: AbortSignal.timeout(5000) }).catch(
      () => undefined,
    );
    if (!session) return;
    try {
      await prepareSession(session);
      const { databases: half, scheduler } = await readMarker(session);
      await dropDatabases(session, half);
      if (scheduler !== undefined) await startScheduler(session, scheduler);
      else await again();
      await unmark(session);
    } catch {
      // What is left stands in the marker, and the next restore begins with it.
    } finally {
      await session.close().catch(() => undefined);
    }
  }

  async function loadAccounts(backups: readonly SpooledBackup[], own: MysqlSession): Promise<readonly string[]> {
    const spooled = backups[0]?.streams.find(({ stream }) => stream.name === 'accounts');
    if (!spooled) return [];
    const rows = await own.query("SELECT CONCAT(user, '@', host) FROM mysql.user");
    const { sql, kept } = accountStatements(
      await readFile(spooled.file, 'utf8'),
      new Set(rows.map(([name = '']) => name)),
    );
    await load(Readable.from([Buffer.from(sql)]), 'accounts');
    return kept.length > 0 ? [`accounts that were there stay as they are: ${kept.join(', ')}`] : [];
  }

  async function loadDump([first]: readonly SpooledBackup[]): Promise<void> {
    for (const { stream, file } of first?.streams ?? []) {
      if (stream.name === 'accounts') continue;
      await load(
        createReadStream(file, { start: await afterSandboxLine(file), highWaterMark: 1024 * 1024 }),
        stream.name,
      );
    }
  }

  async function replay(
    backups: readonly SpooledBackup[],
  ): Promise<{ readonly stop?: StopPoint; readonly notes: readonly string[] }> {
    const logs = logsOf(backups);
    if (logs.length === 0) return { notes: [] };
    const { 'binlog.file': file = '', 'binlog.position': position = '4' } =
      backups[0]?.backup.manifest.source.position ?? {};
    const from = { file, position: Number(position) };
    const stop = await findStop(logs, from, options.until, { ...tools, machine });
    const dropped = await replayInto(logs, replayArguments({ logs, from, stop, database: only }, tools.family));
    const narrowed = `the logs were narrowed to ${only}: statements that were made from another database are not in it`;
    return {
      ...(stop && { stop }),
      notes: [
        ...(dropped > 0 ? [`${dropped} statements about accounts were not replayed`] : []),
        ...(only === undefined ? [] : [narrowed]),
      ],
    };
  }

  async function replayInto(logs: readonly SpooledLog[], args: readonly string[]): Promise<number> {
    let dropped = 0;
    const child = await startChild(tools.binlog, args, { machine, environment: { TZ: 'UTC' } });
    try {
      await load(
        withoutAccounts(child.stdout, () => (dropped += 1)),
        `logs ${logs[0]?.name} to ${logs.at(-1)?.name}`,
      );
      const end = await child.ended;
      if (end.exitCode !== 0) throw errorOfTalk(tools.binlog, `ended with ${statusOf(end)}: ${end.stderr}`);
    } finally {
      await child.stop();
    }
    return dropped;
  }

  /** Through the client, in whose binary mode nothing of a dump is a command of its own. */
  async function load(input: Readable, what: string): Promise<void> {
    const args = [...connection.args, '--init-command=SET SESSION sql_log_bin = 0', ...LOADING];
    const { environment, secrets } = connection;
    const child = await startChild(tools.client, args, { machine, environment, secrets, stdin: 'open' });
    child.stdout.resume();
    const fed = pipeline(input, child.stdin as NodeJS.WritableStream).catch((error: unknown) => error);
    const end = await child.ended;
    machine.signal.throwIfAborted();
    if (end.exitCode !== 0) throw loadError(`load of ${what}`, end.stderr || `ended with ${statusOf(end)}`);
    const failure = await fed;
    if (failure !== undefined)
      throw new EngineError('retry', `load of ${what}: ${String(failure)}`, '', { cause: failure });
  }
}

const LOADING = ['--binary-mode', '--default-character-set=utf8mb4', '--max-allowed-packet=1G', '--skip-reconnect'];

/** MySQL's client, and MariaDB's older ones, take it for a command: https://mariadb.org/mariadb-dump-file-compatibility-change/ */
const SANDBOX = /^\/\*M?!999999\\- enable the sandbox mode \*\/ ?\r?\n/;

async function afterSandboxLine(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(200), 0, 200, 0);
    return SANDBOX.exec(buffer.subarray(0, bytesRead).toString('latin1'))?.[0].length ?? 0;
  } finally {
    await handle.close();
  }
}

/** The statement that failed is never said: it may hold rows, or the hash of a password. */
function loadError(what: string, talk: string): EngineError {
  const error = errorOfTalk(what, talk);
  return RIGHTS.includes(codeOf(talk) ?? 0) ? new EngineError('config', error.message, MAY) : error;
}

const RIGHTS = [1044, 1142, 1227, 1419];

/** Events of a copy must not act, those of the logs neither, and nobody can rewrite them before they are there. */
async function stopScheduler(session: MysqlSession, now: string | undefined): Promise<void> {
  if (now !== 'ON') return;
  await session.query('SET GLOBAL event_scheduler = OFF').catch((error: Error) => {
    const fix = 'let the account set global variables, or switch event_scheduler off on the server';
    throw new EngineError('config', error.message, fix, { cause: error });
  });
}

async function startScheduler(session: MysqlSession, before: string): Promise<void> {
  const [now] = await session.query('SELECT @@GLOBAL.event_scheduler');
  if (before === 'ON' && now?.[0] !== 'ON') await session.query('SET GLOBAL event_scheduler = ON');
}

function restored(
  { held, notes }: Pick<Restored, 'held' | 'notes'>,
  stop: StopPoint | undefined,
  definers: readonly string[],
  [first]: readonly SpooledBackup[],
): Restored {
  const broken = first?.backup.manifest.source.position.not_valid;
  return {
    held,
    notes,
    warnings: [
      ...(definers.length > 0
        ? [
            `what runs as ${definers.join(', ')} fails until these accounts are there: --globals makes those of the backup`,
          ]
        : []),
      ...(broken === undefined
        ? []
        : [`foreign keys whose rows are not in the backup: ${(JSON.parse(broken) as string[]).join(', ')}`]),
    ],
    ...(stop && { stop }),
  };
}
