import { lstat, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StoreError } from './store';

/** A file in the root that tells one folder from another: no object. */
export const FOLDER_MARK = '.hypdr-folder';

/** Names of a key's parts; a key is never more than names under the root. */
export function keyNames(key: string): readonly string[] {
  const names = key.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) {
    throw new StoreError('refused', `"${key}" is no name under a folder`);
  }
  return names;
}

/** The root as it is, without links: its own path may lead over some. */
export async function realRoot(path: string): Promise<string> {
  return realpath(path);
}

/** Path of an existing key's object; a link on the way leads out of the root, so none is followed. */
export async function existingPath(root: string, key: string): Promise<string> {
  const names = keyNames(key);
  let path = root;
  for (const name of names.slice(0, -1)) {
    path = join(path, name);
    if ((await lstat(path)).isSymbolicLink()) throw linked(path);
  }
  return join(root, ...names);
}

/** Path for a new object; folders on the way are made, for their owner alone, and are on disk when this resolves. */
export async function newPath(root: string, key: string): Promise<string> {
  const names = keyNames(key);
  let path = root;
  for (const name of names.slice(0, -1)) {
    path = join(path, name);
    await makeFolder(path);
  }
  return join(root, ...names);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!(await lstat(path)).isDirectory()) throw linked(path);
  }
}

/** A name is on disk only when its folder is: https://man7.org/linux/man-pages/man2/fsync.2.html. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function linked(path: string): StoreError {
  return new StoreError('refused', `${path} is a link or a file where a folder belongs`);
}
