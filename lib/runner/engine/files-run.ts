import { lstat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import type { BackupManifest, BackupType, TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { startChild, statusOf } from './child';
import type { Child, ChildEnd } from './child';
import { EngineError, NotFollowed } from './engine';
import type { EngineRun, RunContents, SourceStream } from './engine';
import { tarArguments } from './files-arguments';
import type { FileSource } from './files-arguments';
import { clockNotes } from './files-clock';
import { readTarMessage } from './files-messages';
import type { TarMessage } from './files-messages';
import type { MountNotes } from './files-mounts';
import { tangled } from './files-renames';
import type { FileRoot } from './files-roots';
import type { FileStates } from './files-state';
import { inPieces } from './in-pieces';
import { TarCounter } from './tar-counter';

export interface FilesSource {
  readonly task: TaskManifest;
  readonly machine: Machine;
  readonly source: FileSource;
  readonly roots: readonly FileRoot[];
  readonly states: FileStates;
  readonly mounts: MountNotes;
  readonly ownFolders: readonly string[];
}

/** Names in a manifest; more are counted, since a lost mount below a root can bring a million. */
const MOST_NAMES = 1000;

type Degraded = BackupManifest['degraded'][number];

/** One archive of all roots: a full, or what changed since the state that the parent left. */
export async function beginTar(
  files: FilesSource,
  type: BackupType,
  parent: BackupManifest | undefined,
): Promise<EngineRun> {
  const { machine, roots, states } = files;
  const parentState = type === 'full' ? undefined : parent?.source.position.tar_state;
  if (type !== 'full' && parentState === undefined)
    throw new EngineError('config', `a ${type} backup without a parent`);
  const working = await states.working(parentState);
  const members = roots.map(({ member }) => member);
  const counter = new TarCounter(members);
  const talk: TarTalk = { degraded: [], more: 0, fatal: [] };
  const pointInTime = machine.now();
  const position: Record<string, string> = { ...clockNotes(machine) };
  let child: Child | undefined;
  let saved: string | undefined;

  async function* streams(): AsyncIterable<SourceStream> {
    child = await startChild('tar', tarArguments({ ...files, state: working }), {
      machine,
      onTalk: (line) => hear(talk, readTarMessage(line, members)),
    });
    // A failure of either side reaches the reader through the counter.
    pipeline(inPieces(child.stdout), counter, () => undefined);
    const ended = child.ended.then((end) => judge(end, talk));
    ended.catch(() => undefined);
    yield { name: 'files', format: 'tar', compression: 'none', output: counter, ended };
  }

  return {
    pointInTime,
    position,
    streams,
    finish: async (): Promise<RunContents> => {
      if (!child) throw new Error('finish was called before the stream was read');
      judge(await child.ended, talk);
      if (!counter.complete) throw new EngineError('retry', 'tar wrote an archive without an end');
      refuseNothing(type, counter, roots);
      const why = type === 'full' ? undefined : tangled(counter.renames);
      if (why !== undefined) throw new NotFollowed(`${why}, which tar can't follow`);
      if (type !== 'differential') {
        saved = await states.save(working, type === 'full' ? 'full' : 'incremental');
        position.tar_state = saved;
      }
      const degraded = await degradedOf(talk);
      const exact = degraded.length === 0;
      const contents = roots.map(({ path, member }) => {
        const { entries = 0, bytes = 0 } = counter.counts.get(member) ?? {};
        return { name: path, entries, bytes, exact };
      });
      return { contents, degraded };
    },
    adopt: async () => {
      if (parentState !== undefined) await states.touch(parentState, machine.now());
      await files.mounts.write(roots);
      await states.prune();
    },
    abort: async () => {
      await child?.stop();
      if (saved !== undefined) await states.remove(saved).catch(() => undefined);
    },
  };
}

interface TarTalk {
  readonly degraded: Degraded[];
  more: number;
  readonly fatal: string[];
}

function hear(talk: TarTalk, message: TarMessage): void {
  if (message.kind === 'fatal' && talk.fatal.length < 20) talk.fatal.push(message.text);
  if (message.kind !== 'degraded') return;
  if (talk.degraded.length < MOST_NAMES) talk.degraded.push({ name: message.name, why: message.why });
  else talk.more += 1;
}

/** tar's status: 1 where a file changed, 2 where something failed, of which unreadable files alone can be lived with. */
function judge(end: ChildEnd, talk: TarTalk): void {
  if (end.exitCode === 0) return;
  const lived = (end.exitCode === 1 || end.exitCode === 2) && talk.fatal.length === 0 && talk.degraded.length > 0;
  if (lived) return;
  const kind = /No space left|Cannot write/.test(end.stderr) ? 'source' : 'retry';
  throw new EngineError(kind, `tar ended with ${statusOf(end)}: ${(talk.fatal.join('; ') || end.stderr).slice(-2000)}`);
}

/** Folders are always there; a full that holds nothing else backs nothing up, whatever tar returned. */
function refuseNothing(type: BackupType, counter: TarCounter, roots: readonly FileRoot[]): void {
  const empty = roots.filter(({ member }) => counter.counts.get(member)?.entries === 0).map(({ path }) => `"${path}"`);
  if (empty.length > 0)
    throw new EngineError('source', `nothing was stored of ${empty.join(', ')}`, 'check the exclude patterns');
  if (type === 'full' && counter.files === 0)
    throw new EngineError('source', 'not one file was stored', 'check paths and exclude patterns');
}

/** A folder in which a file came or went while tar was there is stored as it was listed: that is no damage. */
async function degradedOf({ degraded, more }: TarTalk): Promise<readonly Degraded[]> {
  const kept: Degraded[] = [];
  for (const one of degraded) {
    if (one.why === 'file changed as we read it' && (await isFolder(one.name))) continue;
    kept.push(one);
  }
  return more === 0 ? kept : [...kept, { name: '...', why: `${more} more` }];
}

async function isFolder(name: string): Promise<boolean> {
  return (await lstat(name).catch(() => undefined))?.isDirectory() ?? false;
}
