import path from 'node:path';
import type { BackupManifest, BackupType, TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { runChild } from './child';
import { EngineError } from './engine';
import type { Engine, PreparedSource } from './engine';
import { wasSetBack } from './files-clock';
import { lockFile } from './files-lock';
import { passesUnseen } from './files-messages';
import { MountNotes } from './files-mounts';
import { changedIdentity, identityOfRoots, readRoots } from './files-roots';
import { beginTar } from './files-run';
import type { FilesSource } from './files-run';
import { FileStates } from './files-state';

/** File sets by GNU tar with its listed-incremental states. */
export const files: Engine = { prepare };

/** Since 1.28 tar knows all that is asked of it. */
const OLDEST_TAR = [1, 28] as const;

async function prepare(task: TaskManifest, machine: Machine): Promise<PreparedSource> {
  const { source } = task;
  if (source.kind !== 'files') throw new EngineError('config', `task ${task.name} has no files as its source`);
  const tar = await tarVersion(machine);
  const roots = await readRoots(source.paths);
  const folder = path.join(machine.stateFolder, 'files', encodeURIComponent(task.name));
  const fileSource: FilesSource = {
    task,
    machine,
    source,
    roots,
    states: new FileStates(folder),
    mounts: new MountNotes(folder),
    ownFolders: [machine.stateFolder, ...(task.local ? [task.local.path] : [])].map((one) => path.resolve(one)),
  };
  await fileSource.mounts.check(roots);
  const identity = identityOfRoots(roots);
  return {
    identity,
    tools: { tar },
    lock: async (kind) => {
      const lock = await lockFile(path.join(folder, `${kind}.lock`), machine);
      if (lock !== 'held') await fileSource.states.open(machine.now());
      return lock;
    },
    canFollow: (type, newest) => canFollow(fileSource, identity, type, newest),
    begin: (type, parent) => beginTar(fileSource, type, parent),
    close: () => Promise.resolve(),
  };
}

async function tarVersion(machine: Machine): Promise<string> {
  const { stdout } = await runChild('tar', ['--version'], { machine });
  const version = /^tar \(GNU tar\) (\d+)\.(\d+)/.exec(stdout);
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  if (major > OLDEST_TAR[0] || (major === OLDEST_TAR[0] && minor >= OLDEST_TAR[1])) return `${major}.${minor}`;
  const found = stdout.split('\n')[0] ?? '';
  throw new EngineError(
    'config',
    `tar is "${found}", which keeps no states`,
    `install GNU tar ${OLDEST_TAR.join('.')} or newer`,
  );
}

type Answer = Awaited<ReturnType<PreparedSource['canFollow']>>;

async function canFollow(
  { machine, states }: FilesSource,
  identity: Readonly<Record<string, string>>,
  type: BackupType,
  newest: BackupManifest | undefined,
): Promise<Answer> {
  const no = (why: string): Answer => ({ ok: false, why });
  if (type === 'log') return no('file sets have no logs');
  if (!newest) return no('there is nothing to follow');
  const changed = changedIdentity(identity, newest.source.identity);
  if (changed !== undefined) return no(changed);
  const hash = newest.source.position.tar_state;
  if (hash === undefined) return no('the newest backup names no tar state');
  const state = await states.check(hash);
  if ('why' in state) return no(state.why);
  const now = machine.now();
  if (state.takenAt > now || new Date(newest.pointInTime) > now)
    return no('the state of the newest backup is from the future: a clock was wrong');
  if (wasSetBack(machine, newest)) return no('the clock of this host was set back since the newest backup');
  const lost = newest.degraded.find(({ why }) => passesUnseen(why));
  if (lost) return no(`the newest backup could not read ${lost.name}, and tar would take it for stored`);
  return { ok: true };
}
