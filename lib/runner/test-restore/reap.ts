import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { lockFile } from '../engine/files-lock';
import type { Machine } from '../machine';
import { MARK_FILE, PREFIX, lockOf, removeTree, testFolder } from './private-folder';
import type { Mark } from './private-folder';
import { endProcesses } from './processes';

/** What a test restore left that was killed. */
export interface Reaped {
  readonly id: string;
  /** Processes that were ended. */
  readonly processes: number;
}

/**
 * Ends servers of test restores whose runner is gone, and removes their folders. One whose runner lives is left alone:
 * it holds the folder's lock.
 * @param base - the state's folder, or that of `--scratch`
 * @throws EngineError, and what the host's own files throw
 */
export async function reapLeftovers(base: string, machine: Machine): Promise<readonly Reaped[]> {
  const all = testFolder(base);
  const names = (await readdir(all).catch(() => [])).filter((name) => name.startsWith(PREFIX));
  const ids = [...new Set(names.map((name) => name.replace(/\.lock$/, '')))].sort();
  const reaped: Reaped[] = [];
  for (const id of ids) {
    const folder = path.join(all, id);
    const lock = await lockFile(lockOf(folder), machine);
    if (lock === 'held') continue;
    try {
      const processes = await endProcesses(folder, machine);
      const socket = await socketOf(folder);
      if (socket !== undefined) await removeTree(socket);
      await removeTree(folder);
      await rm(lockOf(folder), { force: true });
      reaped.push({ id, processes });
      const message = `${id}: what a test restore left that was killed; ${processes} processes ended`;
      machine.log({ level: 'warning', event: 'test_restore_reaped', message });
    } finally {
      await lock.release();
    }
  }
  return reaped;
}

/** A mark that was cut off names none, and nothing but what a test restore makes is removed by its word. */
async function socketOf(folder: string): Promise<string | undefined> {
  try {
    const { socket } = JSON.parse(await readFile(path.join(folder, MARK_FILE), 'utf8')) as Partial<Mark>;
    return socket !== undefined && /^hypdr-[0-9a-f]{8}$/.test(path.basename(socket)) ? socket : undefined;
  } catch {
    return undefined;
  }
}
