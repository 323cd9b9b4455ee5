import { chmod, chown, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../engine/engine';
import { lockFile } from '../engine/files-lock';
import type { Machine } from '../machine';
import type { ServerUser } from './server-user';

/** Everything of one throw-away target; what begins with this name is nobody's but a test restore's. */
export const PREFIX = 'hypdr_test_';

/** Where the folders of test restores lie. */
export function testFolder(base: string): string {
  return path.join(base, 'test-restore');
}

/** What stands in the folder: for people, and for who reaps it. */
export interface Mark {
  readonly runner: number;
  readonly startedAt: string;
  /** Folder of the server's socket, whose path has to be short. */
  readonly socket: string;
}

export const MARK_FILE = 'mark.json';

/** A folder of one test restore, with all that it writes on this host: what it read, its server, the restored data. */
export interface PrivateFolder {
  /** `hypdr_test_<slot>_<random>` */
  readonly id: string;
  readonly path: string;
  /** A short one beside it, since a socket's path has 107 bytes at most: https://man7.org/linux/man-pages/man7/unix.7.html */
  readonly socket: string;
  /** Makes a folder in it for a server. */
  forServer(name: string, user: ServerUser | undefined): Promise<string>;
  /** Removes all of it. Whatever runs in it was ended before. */
  remove(): Promise<void>;
}

/**
 * Makes the folder. While its lock is held, whose holder ends with this process, nobody reaps it: numbers of processes
 * are used again, and mean nothing on another host that shares the folder.
 * @param base - folder below which it lies
 * @throws EngineError
 */
export async function makePrivateFolder(base: string, slot: string, machine: Machine): Promise<PrivateFolder> {
  const id = `${PREFIX}${slot}_${machine.randomHex(4)}`;
  const folder = path.join(testFolder(base), id);
  const socket = path.join(machine.environment.TMPDIR ?? '/tmp', `hypdr-${machine.randomHex(4)}`);
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  await mkdir(base, { recursive: true, mode: 0o700 });
  await mkdir(testFolder(base), { mode }).catch(unlessThere);
  const lock = await lockFile(lockOf(folder), machine);
  if (lock === 'held') throw new EngineError('retry', `${folder} is reaped while it is made`);
  const remove = async () => {
    try {
      for (const one of [socket, folder]) await removeTree(one);
      await rm(lockOf(folder), { force: true });
    } finally {
      // What could not be removed is the next one's to reap, and its holder would keep this process alive.
      await lock.release();
    }
  };
  try {
    await mkdir(folder, { mode });
    const mark: Mark = { runner: process.pid, startedAt: machine.now().toISOString(), socket };
    await writeFile(path.join(folder, MARK_FILE), `${JSON.stringify(mark)}\n`, { mode: 0o600 });
    await mkdir(socket, { mode: 0o700 });
  } catch (error) {
    await remove();
    throw error;
  }
  return { id, path: folder, socket, forServer: (name, user) => serverFolder(folder, socket, { name, user }), remove };
}

function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}

async function serverFolder(
  folder: string,
  socket: string,
  { name, user }: { readonly name: string; readonly user: ServerUser | undefined },
): Promise<string> {
  const made = path.join(folder, name);
  await mkdir(made, { mode: 0o700 });
  if (!user) return made;
  for (const one of [made, socket]) await chown(one, user.uid, user.gid);
  await refuseHidden(folder, user);
  return made;
}

/** A server that is not root has to come to its own folder. */
async function refuseHidden(folder: string, { name, uid }: ServerUser): Promise<void> {
  for (let at = folder; ; at = path.dirname(at)) {
    const { mode, uid: owner } = await lstat(at);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0)
      throw new EngineError(
        'config',
        `the throw-away server refuses root and runs as ${name}, who may not enter ${at}`,
        `run hypdr-runner as another user than root, name another folder by --scratch, or: chmod o+x ${at}`,
      );
    if (at === path.dirname(at)) return;
  }
}

export function lockOf(folder: string): string {
  return `${folder}.lock`;
}

/** Restored folders may be ones that their owner may not change: who is not root gives himself the right first. */
export async function removeTree(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  await remove().catch(async () => {
    await openUp(folder);
    await remove();
  });
}

/** Names are bytes, and not always text. */
async function openUp(folder: string | Buffer): Promise<void> {
  await chmod(folder, 0o700);
  for (const name of await readdir(folder, { encoding: 'buffer' })) {
    const one = Buffer.concat([Buffer.from(folder), Buffer.from('/'), name]);
    if ((await lstat(one)).isDirectory()) await openUp(one);
  }
}
