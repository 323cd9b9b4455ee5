import { chmod, chown, lstat, open, readdir, realpath, rename, rm, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { TaskManifest } from '../../contract';
import { runChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { slotOf } from '../slot';
import type { SpooledBackup } from './spool';
import type { Restored, Target, TargetOptions } from './target';

/** What a folder is called while it is restored: whoever sees this name sees something that is not whole. */
export const STAGING = '.hypdr-restoring';

/** A folder that is made of a chain of archives beside its place, and renamed when it is whole. */
export async function openFolder(
  task: TaskManifest,
  { target, replace, onFull }: Pick<TargetOptions, 'target' | 'replace' | 'onFull'>,
  machine: Machine,
): Promise<Target> {
  const { source } = task;
  if (source.kind !== 'files') throw new EngineError('config', `task ${task.name} has no files as its source`);
  const { permissions, ownership } = source;
  const folder = await resolved(target);
  const staging = `${folder}${STAGING}`;
  const before = `${folder}.before-${slotOf(machine.now())}`;
  let there: 'absent' | 'empty' | 'full' = 'absent';
  return {
    name: folder,
    wants: ({ format }) => format === 'tar',
    plan: () => [
      `extract each archive in its order into ${staging}`,
      ...(there === 'full' ? [`rename ${folder} to ${before}`] : []),
      `rename ${staging} to ${folder}`,
    ],
    check: async () => {
      there = await stateOf(folder);
      if (there !== 'full' || replace.includes(path.basename(folder))) return;
      const fix = `name a folder that is not there, or say --replace ${path.basename(folder)}: what is there is renamed then`;
      throw new EngineError('config', `${folder} is not empty`, fix);
    },
    room: ({ chains: [chain] }) => {
      const full = chain?.members[0]?.manifest.contents ?? [];
      const needed = full.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
      return Promise.resolve({ folder: path.dirname(folder), needed });
    },
    restore: async (backups, steps) => {
      // Its tar may go on for a moment after the restore that started it was killed.
      await steps('clear what a killed restore left', () =>
        rm(staging, { recursive: true, force: true, maxRetries: 10 }),
      );
      await mkdir(staging, { mode: 0o700 });
      try {
        const warnings = await steps('extract', () => extractAll(backups, staging, { permissions, onFull }, machine));
        await steps('sync', () => syncFolder(staging, machine));
        machine.signal.throwIfAborted();
        await steps('put in place', () => putInPlace(there));
        return restored(warnings);
      } catch (error) {
        await rm(staging, { recursive: true, force: true });
        throw error;
      }
    },
    close: () => Promise.resolve(),
  };

  async function putInPlace(state: typeof there): Promise<void> {
    try {
      // Roots lie below it, and it is nobody's but who made it: what an empty one was like, it stays.
      if (state === 'empty') await likeBefore(folder, staging);
      if (state === 'full') await rename(folder, before);
      // Onto an empty folder too: https://man7.org/linux/man-pages/man2/rename.2.html
      await rename(staging, folder);
    } catch (error) {
      const { message } = error as Error;
      throw new EngineError('config', `${folder} can't be put in place: ${message}`, 'name another folder', {
        cause: error,
      });
    }
    const parent = await open(path.dirname(folder), 'r');
    await parent.sync().finally(() => parent.close());
  }

  function restored(warnings: readonly string[]): Restored {
    const isRoot = process.getuid?.() === 0;
    const owners = isRoot || !ownership ? [] : ['owners are not restored: that takes root'];
    const moved = there === 'full' ? [`what was there is ${before} now: remove it when it is not needed any more`] : [];
    return { held: [], notes: [...moved, ...owners], warnings };
  }
}

async function likeBefore(folder: string, staging: string): Promise<void> {
  const { mode, uid, gid } = await lstat(folder);
  await chown(staging, uid, gid);
  await chmod(staging, mode & 0o7777);
}

async function resolved(target: string): Promise<string> {
  const asked = path.resolve(target);
  const parent = await realpath(path.dirname(asked)).catch(() => {
    throw new EngineError('config', `there is no folder ${path.dirname(asked)}`, 'make it first');
  });
  return path.join(parent, path.basename(asked));
}

async function stateOf(folder: string): Promise<'absent' | 'empty' | 'full'> {
  const seen = await lstat(folder).catch(() => undefined);
  if (!seen) return 'absent';
  if (!seen.isDirectory())
    throw new EngineError('config', `${folder} is no folder`, 'name a folder, and no link to one');
  const parent = await lstat(path.dirname(folder));
  if (parent.dev !== seen.dev)
    throw new EngineError('config', `${folder} is a mount point, which can't be renamed`, 'name a folder in it');
  return (await readdir(folder)).length === 0 ? 'empty' : 'full';
}

async function extractAll(
  backups: readonly SpooledBackup[],
  staging: string,
  { onFull, ...kept }: Pick<TargetOptions, 'onFull'> & { readonly permissions: boolean },
  machine: Machine,
): Promise<readonly string[]> {
  const said: string[] = [];
  for (const [index, { streams }] of backups.entries()) {
    for (const { file } of streams)
      said.push(...(await extract(extractArguments(file, staging, kept), staging, machine)));
    if (index === 0) await onFull?.(staging);
  }
  const some = [...new Set(said)].slice(0, 20);
  return some.map((line) => `tar says: ${line}`);
}

/**
 * Where two folders have swapped their names, tar makes a temporary one on the way, and looks for its place below the
 * folder in which it was started, whatever `--directory` says: elsewhere it fails, or does it to the source.
 */
async function extract(args: readonly string[], staging: string, machine: Machine): Promise<readonly string[]> {
  const end = await runChild('tar', args, { machine, folder: staging });
  machine.signal.throwIfAborted();
  if (end.exitCode === 0) return end.stderr.split('\n').filter((line) => line !== '');
  const full = end.stderr.includes('No space left');
  throw new EngineError(
    full ? 'config' : 'source',
    `tar ended with ${statusOf(end)}: ${end.stderr.slice(-2000)}`,
    full ? 'make room where the folder is to lie' : '',
  );
}

/**
 * An archive over what lies there. With an empty state tar removes what is not in the folders of the archive any more,
 * and renames what was renamed: https://www.gnu.org/software/tar/manual/html_node/Incremental-Dumps.html
 */
export function extractArguments(
  file: string,
  folder: string,
  { permissions }: { readonly permissions: boolean },
): readonly string[] {
  return [
    '--extract',
    '--force-local',
    `--file=${file}`,
    `--directory=${folder}`,
    '--listed-incremental=/dev/null',
    '--preserve-permissions',
    '--numeric-owner',
    ...(permissions ? ['--acls', '--xattrs', '--xattrs-include=*'] : []),
  ];
}

/** So that a power cut after the rename finds all of it: https://man7.org/linux/man-pages/man1/sync.1.html */
async function syncFolder(folder: string, machine: Machine): Promise<void> {
  const end = await runChild('sync', ['--file-system', folder], { machine });
  if (end.exitCode !== 0) throw new EngineError('retry', `sync of ${folder}: ${end.stderr}`);
}
