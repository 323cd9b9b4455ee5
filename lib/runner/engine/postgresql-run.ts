import { createHash } from 'node:crypto';
import type { Content, TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import type { Child } from './child';
import { EngineError } from './engine';
import type { EngineRun, RunContents, SourceStream } from './engine';
import { clearScratch, dumpStream } from './postgresql-dump';
import type { DumpContext } from './postgresql-dump';
import type { PostgresConnection } from './postgresql-environment';
import { WITHOUT_PASSWORDS, globalsStream } from './postgresql-globals';
import type { Globals } from './postgresql-globals';
import type { DumpOptions } from './postgresql-options';
import type { PostgresSession } from './postgresql-session';
import { PRELOADED } from './postgresql-preload';
import { proposedFormat } from './postgresql-size';
import { takeSnapshot } from './postgresql-snapshot';
import type { DatabaseSnapshot } from './postgresql-snapshot';

export interface PostgresSource {
  readonly task: TaskManifest;
  readonly machine: Machine;
  readonly connection: PostgresConnection;
  readonly options: DumpOptions;
  readonly databases: readonly string[];
  readonly globals: Globals;
  /** Holds the lock of the source. */
  readonly control: PostgresSession;
  readonly scratch: string;
}

/**
 * One full backup of all databases. Their snapshots are taken together at the start, so that they lie within a moment;
 * each is held until the run ends.
 */
export async function beginDump(source: PostgresSource): Promise<EngineRun> {
  const { machine, options } = source;
  await clearScratch(source.scratch);
  const snapshots = await takeSnapshots(source);
  const children = new Set<Child>();
  const context: DumpContext = { ...source, onStart: (child) => remember(children, child) };
  const counts: Promise<readonly Content[]>[] = [];
  const end = async () => {
    await Promise.allSettled(snapshots.map((snapshot) => snapshot.close()));
    await clearScratch(source.scratch).catch(() => undefined);
  };
  async function* streams(): AsyncIterable<SourceStream> {
    yield await globalsStream(source.globals, source.connection, machine);
    for (const [index, snapshot] of snapshots.entries()) {
      const counting = snapshot.count();
      counting.catch(() => undefined);
      counts.push(counting);
      yield await dumpStream(snapshot, index + 1, context);
    }
  }
  return {
    pointInTime: snapshots.map(({ takenAt }) => takenAt).sort((a, b) => a.getTime() - b.getTime())[0] as Date,
    position: positionOf(snapshots, source),
    streams,
    finish: async (): Promise<RunContents> => {
      if (counts.length !== snapshots.length) throw new Error('finish was called before all streams were read');
      const contents = (await Promise.all(counts)).flat();
      await lockStillHeld(source.control);
      await end();
      return {
        contents,
        degraded: [
          ...(source.globals.passwords === 'unreadable' ? [{ name: 'globals', why: WITHOUT_PASSWORDS }] : []),
          ...snapshots
            .flatMap(({ stale }) => (stale === undefined ? [] : [{ name: 'server', why: stale }]))
            .slice(0, 1),
        ],
      };
    },
    adopt: () => Promise.resolve(),
    abort: async () => {
      await Promise.allSettled([...children].map((child) => child.stop()));
      await end();
    },
  };

  async function takeSnapshots({ connection, databases }: PostgresSource): Promise<readonly DatabaseSnapshot[]> {
    const scope = { excludeTables: options.excludeTables, rows: options.data ? 'all' : 'none' } as const;
    const taken = await Promise.allSettled(
      databases.map((database) => takeSnapshot(connection, database, scope, machine)),
    );
    const opened = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    try {
      for (const one of taken) if (one.status === 'rejected') throw one.reason;
      refuseNothing(opened);
      report(opened, source);
      return opened;
    } catch (error) {
      await Promise.allSettled(opened.map((snapshot) => snapshot.close()));
      throw error;
    }
  }
}

function remember(children: Set<Child>, child: Child): void {
  children.add(child);
  void child.ended.then(() => children.delete(child));
}

/** A server without any table is a wrong server, a wrong database or one that was just lost. */
function refuseNothing(snapshots: readonly DatabaseSnapshot[]): void {
  if (snapshots.some(({ tables }) => tables.length > 0)) return;
  const names = snapshots.map(({ database }) => `"${database}"`).join(', ');
  throw new EngineError(
    'source',
    `there is not one table in ${names || 'any database'}`,
    'check that this is the server that is meant',
  );
}

function report(snapshots: readonly DatabaseSnapshot[], { task, machine, options }: PostgresSource): void {
  const warn = (event: string, message: string) => machine.log({ level: 'warning', event, message, task: task.name });
  for (const { database, notValid } of snapshots) {
    for (const key of notValid) {
      warn(
        'foreign_key_not_valid',
        `"${database}": rows that foreign key ${key} needs are excluded: it comes back as NOT VALID`,
      );
    }
  }
  for (const snapshot of snapshots) {
    const message = proposedFormat(snapshot, options);
    if (message !== undefined) machine.log({ level: 'info', event: 'large_dump', message, task: task.name });
  }
  const unused = snapshots.map(({ exclusion }) => new Set(exclusion.unused));
  for (const pattern of unused[0] ?? []) {
    if (unused.every((one) => one.has(pattern)))
      warn('exclusion_unused', `exclude_tables: "${pattern}" matches no table`);
  }
}

/** Per database; what cannot be restored as it was is named beside it, and what a server needs for it, for the restore. */
function positionOf(
  snapshots: readonly DatabaseSnapshot[],
  { globals }: PostgresSource,
): Readonly<Record<string, string>> {
  const position: Record<string, string> = {};
  for (const { database, lsn, takenAt, notValid } of snapshots) {
    position[`lsn.${database}`] = lsn;
    position[`at.${database}`] = takenAt.toISOString();
    if (notValid.length > 0) position[`not_valid.${database}`] = JSON.stringify(notValid);
  }
  const preloaded = new Set(snapshots.flatMap((one) => one.preloaded));
  if (preloaded.size > 0) position[PRELOADED] = [...preloaded].join(',');
  if (globals.passwords !== 'included') position.globals = WITHOUT_PASSWORDS;
  return position;
}

/** A run that lost its lock may have run beside another. */
async function lockStillHeld(control: PostgresSession): Promise<void> {
  const [row] = await control.query(
    "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted",
  );
  if (Number(row?.n) === 0) throw new EngineError('retry', "the source's lock was lost while the run was under way");
}

/** Advisory locks have a number of 64 bits: the task's name and the kind of run make it. */
export function lockNumber(task: string, kind: 'data' | 'log'): bigint {
  return createHash('sha256').update(`hypdr ${kind} ${task}`).digest().readBigInt64BE();
}
