import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, chown, mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../engine/engine';
import { fileIn, isWindowsPath, joinPath } from '../engine/sqlserver-folder';
import type { SharedFolder } from '../engine/sqlserver-folder';
import type { Machine } from '../machine';
import type { SpooledStream } from './spool';

export const FOLDER_VARIABLE = 'HYPDR_RESTORE_SQLSERVER_FOLDER';
export const FOLDER_HERE_VARIABLE = 'HYPDR_RESTORE_SQLSERVER_FOLDER_HERE';

const SHARED = `set ${FOLDER_VARIABLE} to a folder as the target's server sees it, and ${FOLDER_HERE_VARIABLE} to the same folder as it is seen here`;

/**
 * Where the target's server reads what is restored: what the environment says, else where it writes its own backups. The
 * folder of the source has other variables.
 * @throws EngineError where there is no such folder on this system
 */
export function targetFolder(
  backupFolder: string | undefined,
  own: string,
  { environment: given }: Pick<Machine, 'environment'>,
): SharedFolder {
  const server = given[FOLDER_VARIABLE] || backupFolder;
  if (!server) throw new EngineError('config', 'SQL Server reads backups from a folder, and there is none', SHARED);
  const here = given[FOLDER_HERE_VARIABLE] || server;
  if (given.OS === 'Windows_NT' ? !isWindowsPath(here) : !here.startsWith('/'))
    throw new EngineError('config', `"${here}" is no folder of this system`, SHARED);
  return { server: joinPath(server, own), here: joinPath(here, own) };
}

/** @throws EngineError where the folder around it is not there: what is made where a mount is missing fills another disk */
export async function makeFolder({ here }: SharedFolder): Promise<void> {
  await rm(here, { recursive: true, force: true });
  try {
    await mkdir(here);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EngineError('config', `${here} cannot be made here (${code ?? String(error)})`, SHARED, { cause: error });
  }
  await handOver(here, 0o750);
}

export async function dropFolder({ here }: SharedFolder): Promise<void> {
  await rm(here, { recursive: true, force: true }).catch(() => undefined);
}

/**
 * Copies a stream to where the server reads it, and compares what is written with its hash.
 * @throws EngineError
 */
export async function placeFile(folder: SharedFolder, name: string, { stream, file }: SpooledStream): Promise<string> {
  const placed = fileIn(folder, name);
  const hash = createHash('sha256');
  const handle = await open(placed.here, 'wx', 0o640);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (hash.digest('hex') !== stream.sha256)
    throw new EngineError('retry', `${file} changed after it was compared with its hash`);
  await handOver(placed.here, 0o640);
  return placed.server;
}

/** What a runner of root's makes goes to whoever owns the folder around it, which an operator made for both. */
async function handOver(made: string, mode: number): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(path.dirname(made));
  await chown(made, uid, gid);
  await chmod(made, mode);
}
