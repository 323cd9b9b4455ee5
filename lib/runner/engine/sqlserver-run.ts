import type { BackupManifest, BackupType, Content, TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { EngineRun, RunContents, RunName, SourceStream } from './engine';
import { readDatabases, readRows } from './sqlserver-catalogue';
import type { Database } from './sqlserver-catalogue';
import { planDatabase } from './sqlserver-chain';
import { chooseDatabases } from './sqlserver-choice';
import type { SqlServerClient } from './sqlserver-client';
import type { SqlServerConnection } from './sqlserver-connection';
import { scopeOf } from './sqlserver-error';
import { clearFolder, openFolder, runFolder } from './sqlserver-folder';
import type { SharedFolder } from './sqlserver-folder';
import { followable, inWords } from './sqlserver-follow';
import type { SetType } from './sqlserver-header';
import type { SourceLocks } from './sqlserver-lock';
import type { BackupOptions } from './sqlserver-options';
import { continuing, readPending } from './sqlserver-pending';
import { encodeRecord, recordKey, recordOf } from './sqlserver-position';
import type { DatabaseRecord } from './sqlserver-position';
import { reportChoice, reportSurroundings } from './sqlserver-report';
import type { SqlServerFacts } from './sqlserver-server';
import { serverTime } from './sqlserver-server';
import type { SqlServerSession } from './sqlserver-session';
import { readSurroundings } from './sqlserver-surroundings';
import { takeDatabase } from './sqlserver-take';
import type { Planned, TakeContext, TakenFile } from './sqlserver-take';

export interface SqlServerSource {
  readonly task: TaskManifest;
  readonly machine: Machine;
  readonly connection: SqlServerConnection;
  readonly client: SqlServerClient;
  /** Holds the locks of the source. */
  readonly control: SqlServerSession;
  readonly locks: SourceLocks;
  readonly options: BackupOptions;
  readonly server: SqlServerFacts;
  readonly folder: SharedFolder;
}

interface Left {
  readonly name: string;
  readonly why: string;
}

/**
 * One backup of all databases, one after the other: the server writes each into a file of the shared folder, which is
 * verified, read into the stores and removed before the next. What cannot be taken of one database leaves the others
 * alone, and makes the backup a degraded one.
 */
export async function beginBackup(
  source: SqlServerSource,
  type: BackupType,
  parent: BackupManifest | undefined,
  run: RunName | undefined,
): Promise<EngineRun> {
  if (type === 'incremental') throw new EngineError('config', `SQL Server has no ${type} backups`);
  const kind = source.locks.held.has('log') ? 'log' : 'data';
  const folder = runFolder(source.folder, source.task.name, kind);
  await openFolder(folder);
  try {
    const records = parent ? await followable(source, type, parent) : new Map<string, DatabaseRecord>();
    return await begin({ ...source, folder, kind, run }, type, records);
  } catch (error) {
    await clearFolder(folder, 'keep logs');
    throw error;
  }
}

async function begin(
  context: TakeContext,
  type: SetType,
  records: ReadonlyMap<string, DatabaseRecord>,
): Promise<EngineRun> {
  const { client, connection, folder, locks, machine, task } = context;
  const pointInTime = await serverTime(client);
  const choice = chooseDatabases(await readDatabases(client), connection.database);
  const { planned, left } = await plan(context, type, choice.usable, records);
  left.push(...choice.broken);
  refuseNothing(planned, left);
  reportChoice(context, choice, records);
  const surroundings = await readSurroundings(context);
  reportSurroundings(context, type, surroundings);
  const contents: Content[] = [...surroundings.contents, ...(await countRows(context, planned))];
  const position: Record<string, string> = {};
  let read = 0;
  const taken = new Map<string, DatabaseRecord>();
  const keep = ({ name: database }: Database, file: TakenFile) => {
    contents.push({ database, name: database, bytes: file.header.bytes, exact: true });
    if (!file.counts) return;
    const record = recordOf(file.header, { ...file, stream: file.name });
    const before = taken.get(database);
    // Several logs of one database go on from each other.
    const joined = before && record.type === 'log' ? { ...record, first_lsn: before.first_lsn } : record;
    taken.set(database, joined);
    position[recordKey(database)] = encodeRecord(joined);
  };
  async function* streams(): AsyncIterable<SourceStream> {
    yield surroundings.stream();
    let first: EngineError | undefined;
    for (const [index, one] of planned.entries()) {
      try {
        for await (const file of takeDatabase(context, one, `database-${index + 1}`)) {
          yield file.stream();
          keep(one.database, file);
          await file.remove();
        }
      } catch (error) {
        if (!(error instanceof EngineError) || scopeOf(error) === 'server') throw error;
        first ??= error;
        left.push({ name: one.database.name, why: error.message });
        const message = `database "${one.database.name}": ${error.message}`;
        machine.log({ level: 'error', event: 'database_failed', message, task: task.name });
      }
      read += 1;
    }
    if (first && taken.size === 0) throw first;
    carryOn(position, type, records, choice.usable);
  }
  return {
    pointInTime,
    position,
    streams,
    finish: async (): Promise<RunContents> => {
      if (read !== planned.length) throw new Error('finish was called before all streams were read');
      await locks.check();
      return { contents, degraded: [...left, ...surroundings.degraded] };
    },
    adopt: () => clearFolder(folder, 'logs too'),
    abort: () => clearFolder(folder, 'keep logs'),
  };
}

/**
 * A log run that could not take a database this time says what is known of it, so that the next one goes on from there:
 * its chain has no hole, since the server keeps the log.
 */
function carryOn(
  position: Record<string, string>,
  type: SetType,
  records: ReadonlyMap<string, DatabaseRecord>,
  here: readonly Database[],
): void {
  if (type !== 'log') return;
  for (const { name } of here) {
    const record = records.get(name);
    if (record && position[recordKey(name)] === undefined)
      position[recordKey(name)] = encodeRecord({ ...record, stream: null });
  }
}

async function plan(
  context: TakeContext,
  type: SetType,
  databases: readonly Database[],
  records: ReadonlyMap<string, DatabaseRecord>,
): Promise<{ readonly planned: readonly Planned[]; readonly left: Left[] }> {
  const { client, machine, options, server, task } = context;
  const pending = type === 'log' ? await readPending(context) : [];
  const planned: Planned[] = [];
  const left: Left[] = [];
  for (const database of databases) {
    const record = records.get(database.name);
    const { logs, parent } = record ? continuing(pending, record) : { logs: [], parent: undefined };
    const one = planDatabase(type, database, parent, { copyOnly: options.copyOnly, major: server.major });
    if ('leave' in one) {
      left.push({ name: database.name, why: one.leave });
      continue;
    }
    const because = one.because && (await inWords(client, one.because));
    if (because !== undefined) {
      const message = `database "${database.name}": a full is taken: ${because}`;
      machine.log({ level: 'warning', event: 'full_instead', message, task: task.name });
    }
    const { copyOnly, take } = one;
    planned.push({ database, parent, pending: take === 'log' ? logs : [], take, copyOnly, because });
  }
  return { planned, left };
}

/** A server without any database is a wrong server, a wrong login or one that was just lost. */
function refuseNothing(planned: readonly Planned[], left: readonly Left[]): void {
  if (planned.length > 0) return;
  if (left.length === 0)
    throw new EngineError(
      'source',
      'there is not one database on the server, beside those of the system',
      'check that this is the server that is meant, and that the login may see its databases',
    );
  const whys = left.map(({ name, why }) => `"${name}": ${why}`).join('; ');
  throw new EngineError('config', `no database can be backed up: ${whys}`);
}

/** At the start, and marked as not exact. A replica that nobody may read still has its bytes counted. */
async function countRows(
  { client, machine, task }: SqlServerSource,
  planned: readonly Planned[],
): Promise<readonly Content[]> {
  const contents: Content[] = [];
  for (const { database, take } of planned) {
    if (take === 'log') continue;
    try {
      const tables = await readRows(client, database.name);
      for (const { schema, table, rows } of tables)
        contents.push({ database: database.name, name: `${schema}.${table}`, rows, exact: false });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const message = `database "${database.name}": its rows are not counted: ${error.message}`;
      machine.log({ level: 'warning', event: 'rows_not_counted', message, task: task.name });
    }
  }
  return contents;
}
