import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { EngineError } from './engine';
import type { RunName, SourceStream } from './engine';
import { backupStatement, checkHeader, verifyStatement } from './sqlserver-backup';
import type { BackupStatement } from './sqlserver-backup';
import type { Database } from './sqlserver-catalogue';
import { differentialAstray, logAstray } from './sqlserver-chain';
import type { Why } from './sqlserver-chain';
import { fileIn, fileName, removeFile, writtenBytes } from './sqlserver-folder';
import type { SharedFolder } from './sqlserver-folder';
import { inWords } from './sqlserver-follow';
import { headerOf } from './sqlserver-header';
import type { BackupHeader, SetType } from './sqlserver-header';
import { workLockName } from './sqlserver-lock';
import type { LockKind } from './sqlserver-lock';
import { runText } from './sqlserver-made';
import { compressionClause } from './sqlserver-options';
import type { PendingLog } from './sqlserver-pending';
import type { DatabaseRecord, TakenFacts } from './sqlserver-position';
import type { SqlServerSource } from './sqlserver-run';
import { Moment } from './sqlserver-server';

/** What a run has decided to take of one database. */
export interface Planned {
  readonly database: Database;
  /** What the parent's manifest says of it, and behind it the logs that earlier runs left. */
  readonly parent: DatabaseRecord | undefined;
  readonly pending: readonly PendingLog[];
  readonly take: SetType;
  readonly copyOnly: boolean;
  readonly because: string | undefined;
}

/** A backup that the server has written and verified. */
export interface TakenFile extends Omit<TakenFacts, 'stream'> {
  readonly header: BackupHeader;
  /** Of its stream. */
  readonly name: string;
  /** Whether the next run may follow it. */
  readonly counts: boolean;
  stream(): SourceStream;
  /** Removes what can be taken again; logs stay until the run is published. */
  remove(): Promise<void>;
}

export interface TakeContext extends SqlServerSource {
  readonly folder: SharedFolder;
  readonly kind: LockKind;
  /** @default - the server's history names no run */
  readonly run: RunName | undefined;
}

/**
 * The backup of one database: logs that earlier runs left, then what was planned, and a full after it where somebody
 * moved the base or took logs in the meantime. Such a differential is dropped; such a log is kept all the same, since it
 * exists nowhere else.
 */
export async function* takeDatabase(
  context: TakeContext,
  planned: Planned,
  name: string,
): AsyncGenerator<TakenFile, void> {
  const { machine, task } = context;
  const { database, parent, pending, take } = planned;
  for (const [index, log] of pending.entries()) yield leftFile(log, database, `${name}-left-${index + 1}`);
  const first = await write(context, planned, take === 'log' ? `${name}-log` : name);
  const why = astray(first.header, planned);
  if (!why) {
    yield first;
    return;
  }
  const because = await inWords(context.client, why);
  const message = `database "${database.name}": a full is taken: ${because}`;
  machine.log({ level: 'warning', event: 'full_instead', message, task: task.name });
  if (take === 'log') yield { ...first, counts: false };
  else await first.remove();
  const copyOnly = take === 'log' || context.options.copyOnly;
  yield await write(context, { database, parent, pending: [], take: 'full', copyOnly, because }, name);
}

function astray(header: BackupHeader, { database, parent, take }: Planned): Why | undefined {
  if (take === 'full' || !parent) return undefined;
  return take === 'log' ? logAstray(database.name, header, parent) : differentialAstray(header, parent);
}

function leftFile({ file, bytes, header }: PendingLog, { name: database }: Database, name: string): TakenFile {
  return {
    header,
    name,
    counts: true,
    at: undefined,
    because: undefined,
    files: [],
    stream: () => streamOf(name, database, file, bytes, header),
    remove: () => Promise.resolve(),
  };
}

async function write(context: TakeContext, planned: Planned, name: string): Promise<TakenFile> {
  const { client, folder, kind, machine, options, run, server, task } = context;
  const { database, take, copyOnly, because } = planned;
  const what = `backup of database "${database.name}"`;
  const id = machine.randomHex(8);
  // What the server does not let go of is written again.
  const lasting = take === 'log' && !copyOnly;
  const file = fileIn(folder, fileName(lasting ? 'log' : 'data', id));
  const statement: BackupStatement = {
    database: database.name,
    type: take,
    copyOnly,
    file: file.server,
    name: `hypdr ${task.name} ${id}`,
    run: run && runText(run),
    compression: compressionClause(options, server),
    checksum: options.checksum,
    workLock: workLockName(task.name, kind),
  };
  const at = await client.ask(what, backupStatement(statement), Moment);
  const bytes = await writtenBytes(file);
  const verification = `verification of the ${what}`;
  const row = await client.row(verification, verifyStatement(file.server, options.checksum));
  const header = headerOf(row, verification);
  checkHeader(header, statement);
  return {
    header,
    name,
    counts: true,
    at,
    because,
    files: database.files ?? [],
    stream: () => streamOf(name, database.name, file, bytes, header),
    remove: () => (lasting ? Promise.resolve() : removeFile(file)),
  };
}

function streamOf(
  name: string,
  database: string,
  { here }: SharedFolder,
  bytes: number,
  { compressed }: BackupHeader,
): SourceStream {
  const output = createReadStream(here);
  const ended = finished(output, { writable: false }).then(() => {
    if (output.bytesRead === bytes) return;
    throw new EngineError(
      'retry',
      `${here} had ${output.bytesRead} bytes when it was read, and ${bytes} when it was written`,
    );
  });
  ended.catch(() => undefined);
  return {
    name,
    format: 'sqlserver',
    database,
    compression: compressed ? 'internal' : 'none',
    output,
    ended,
  };
}
