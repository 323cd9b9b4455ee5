import { chmod, chown, lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { LockKind } from './sqlserver-lock';
import type { SqlServerFacts } from './sqlserver-server';

/** A folder that server and runner share, by the path that each of them has for it. */
export interface SharedFolder {
  readonly server: string;
  readonly here: string;
}

export const FOLDER_VARIABLE = 'HYPDR_SQLSERVER_FOLDER';
export const FOLDER_HERE_VARIABLE = 'HYPDR_SQLSERVER_FOLDER_HERE';

/** Under the local copies: `_` is what no backup's name begins with. */
const SCRATCH = '_scratch';

const SHARED = `set ${FOLDER_VARIABLE} to a folder as the server sees it, and ${FOLDER_HERE_VARIABLE} to the same folder as it is seen here`;

/**
 * Where the server writes its files, for the runner to read and remove: what the environment says, else beside the local
 * copies, else where the server writes its backups by itself. Nothing is made yet.
 * @throws EngineError where there is no such folder on this system
 */
export function sharedFolder(
  task: Pick<TaskManifest, 'name' | 'local'>,
  { backupFolder }: Pick<SqlServerFacts, 'backupFolder'>,
  { environment: given }: Pick<Machine, 'environment'>,
): SharedFolder {
  const { [FOLDER_VARIABLE]: named, [FOLDER_HERE_VARIABLE]: namedHere } = given;
  const base =
    named || (task.local ? joinPath(task.local.path, SCRATCH) : backupFolder && joinPath(backupFolder, SCRATCH));
  if (!base)
    throw new EngineError(
      'config',
      `SQL Server writes its backups to a folder, and task ${task.name} has none`,
      SHARED,
    );
  const here = namedHere || base;
  if (!fitsSystem(here, given))
    throw new EngineError(
      'config',
      `"${here}" is no folder of this system, where the files of SQL Server would be read`,
      SHARED,
    );
  return { server: base, here };
}

/** A path as its own system joins it: what stands before is of Windows, or is not. */
export function joinPath(folder: string, ...names: readonly string[]): string {
  return (isWindowsPath(folder) ? path.win32 : path.posix).join(folder, ...names);
}

export function isWindowsPath(folder: string): boolean {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(folder);
}

function fitsSystem(folder: string, { OS }: Machine['environment']): boolean {
  return OS === 'Windows_NT' ? isWindowsPath(folder) : folder.startsWith('/');
}

/** A run's own part of the folder; another kind of run of the same task has another. */
export function runFolder({ server, here }: SharedFolder, task: string, kind: LockKind): SharedFolder {
  const name = `${encodeURIComponent(task)}.${kind}`;
  return { server: joinPath(server, name), here: joinPath(here, name) };
}

/** A file by both its paths. */
export function fileIn({ server, here }: SharedFolder, name: string): SharedFolder {
  return { server: joinPath(server, name), here: joinPath(here, name) };
}

/** Backups of logs are told by their names: what a run leaves of them is worth keeping. */
export function fileName(kind: LockKind, id: string): string {
  return `${kind}-${id}.bak`;
}

const LOG_FILE = /^log-[0-9a-f]+\.bak$/;

/**
 * Makes a run's folder and clears what crashed runs left, but for logs; the caller holds the lock. The folder around both
 * has to be there: what is made where a mount is missing would fill the disk below it.
 */
export async function openFolder(folder: SharedFolder): Promise<void> {
  const { here } = folder;
  try {
    await makeShared(path.dirname(here));
    await makeShared(here);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EngineError('config', `${here} cannot be made here (${code ?? String(error)})`, SHARED, { cause: error });
  }
  await clearFolder(folder, 'keep logs');
}

/** Logs that earlier runs left. */
export async function leftLogs({ here }: SharedFolder): Promise<readonly string[]> {
  return (await readdir(here)).filter((name) => LOG_FILE.test(name)).sort();
}

/** Of a folder that was made and not handed over yet: a run that was killed in between leaves it so. */
const OWN = 0o700;

/**
 * A runner of root's makes folders that SQL Server could not write to: they go to whoever owns the folder around them,
 * which an operator made for both. Windows hands its own lists down by itself.
 */
async function makeShared(folder: string): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  try {
    await mkdir(folder, isRoot ? { mode: OWN } : {});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isRoot || ((await stat(folder)).mode & 0o777) !== OWN) return;
  }
  if (!isRoot) return;
  const { uid, gid } = await stat(path.dirname(folder));
  await chown(folder, uid, gid);
  await chmod(folder, 0o770);
}

/** The size of a file that the server has written. */
export async function writtenBytes({ here, server }: SharedFolder): Promise<number> {
  try {
    const found = await lstat(here);
    if (!found.isFile()) throw new EngineError('config', `${here} is no file`, SHARED);
    return found.size;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const what =
      code === 'ENOENT'
        ? `SQL Server wrote ${server}, and there is no ${here} here: the server is on another host, or sees other disks`
        : `${here} cannot be looked at (${code ?? String(error)})`;
    throw new EngineError('config', what, SHARED, { cause: error });
  }
}

/** Never fails: what is left is cleared by the next run. */
export async function clearFolder({ here }: SharedFolder, logs: 'keep logs' | 'logs too'): Promise<void> {
  const names = await readdir(here).catch(() => []);
  for (const name of names) {
    if (logs === 'logs too' || !LOG_FILE.test(name)) await removeFile({ here: joinPath(here, name) });
  }
}

export async function removeFile({ here }: Pick<SharedFolder, 'here'>): Promise<void> {
  await rm(here, { recursive: true, force: true }).catch(() => undefined);
}
