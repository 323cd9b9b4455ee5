import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from '../machine';
import { startChild } from './child';
import type { Child } from './child';
import type { SourceStream } from './engine';
import type { PostgresConnection } from './postgresql-environment';
import { inPieces } from './in-pieces';
import { endedWell } from './postgresql-error';
import { STREAM_FORMATS, compressesInside, dumpArguments } from './postgresql-options';
import type { DumpOptions } from './postgresql-options';
import type { DatabaseSnapshot } from './postgresql-snapshot';

export interface DumpContext {
  readonly connection: PostgresConnection;
  readonly options: DumpOptions;
  readonly machine: Machine;
  /** Folder for the directory format, emptied by the run. */
  readonly scratch: string;
  /** Told of each child, so that an abort can end it. */
  onStart(child: Child): void;
}

/** The dump of one database from its snapshot. */
export async function dumpStream(
  snapshot: DatabaseSnapshot,
  number: number,
  context: DumpContext,
): Promise<SourceStream> {
  const { options } = context;
  const facts = {
    name: streamName(snapshot.database, number),
    format: STREAM_FORMATS[options.format],
    database: snapshot.database,
    compression: compressesInside(options) ? 'internal' : 'none',
  } as const;
  const child =
    options.format === 'directory' ? await directoryTar(snapshot, number, context) : await dump(snapshot, context);
  const ended = endedWell(child, `dump of database "${snapshot.database}"`);
  // Nobody may be waiting yet when it fails; whoever reads the stream asks for it.
  ended.catch(() => undefined);
  return { ...facts, output: inPieces(child.stdout), ended };
}

/** A name that every store and file system takes; the exact one stands beside it. */
export function streamName(database: string, number: number): string {
  return `database-${number}-${database.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, 64)}`;
}

async function dump(snapshot: DatabaseSnapshot, context: DumpContext, folder?: string): Promise<Child> {
  const { connection, machine, options } = context;
  const args = dumpArguments(options, {
    database: snapshot.database,
    snapshot: snapshot.id,
    excludePatterns: snapshot.exclusion.patterns,
    folder,
  });
  const { environment, secrets } = await connection.fresh();
  const child = await startChild('pg_dump', args, { machine, environment, secrets });
  context.onStart(child);
  return child;
}

/** pg_dump writes the directory format to a folder only: to scratch first, then as tar. */
async function directoryTar(snapshot: DatabaseSnapshot, number: number, context: DumpContext): Promise<Child> {
  const { machine, scratch } = context;
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const folder = path.join(scratch, `${number}`);
  const dumping = await dump(snapshot, context, folder);
  dumping.stdout.resume();
  await endedWell(dumping, `dump of database "${snapshot.database}"`);
  const child = await startChild(
    'tar',
    ['--create', '--file=-', '--format=posix', '--sort=name', `--directory=${folder}`, '.'],
    { machine },
  );
  context.onStart(child);
  return { ...child, ended: child.ended.then((end) => removeFolder(folder, () => end)) };
}

async function removeFolder<T>(folder: string, then: () => T): Promise<T> {
  await rm(folder, { recursive: true, force: true });
  return then();
}

/** What a crashed run left behind: a run holds the source's lock, so nobody else uses it. */
export async function clearScratch(scratch: string): Promise<void> {
  await rm(scratch, { recursive: true, force: true });
}
