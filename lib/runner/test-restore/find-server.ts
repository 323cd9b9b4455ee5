import { access, constants, readdir } from 'node:fs/promises';
import path from 'node:path';
import { runChild } from '../engine/child';
import type { Machine } from '../machine';

/** Where Debian has the programs of each version; on PATH are wrappers that look for its clusters. */
const CLUSTERS = '/usr/lib/postgresql';

/** Where servers lie whose users have no business with them; the last is where the image of tasks has MySQL's own. */
const SYSTEM = ['/usr/sbin', '/usr/libexec', '/usr/local/libexec', '/opt/mysql/bin'];

/** Folders in which programs of servers are looked for. */
export async function serverFolders({ environment }: Pick<Machine, 'environment'>): Promise<readonly string[]> {
  const versions = await readdir(CLUSTERS).catch(() => []);
  const searched = (environment.PATH ?? '').split(path.delimiter).filter((one) => one !== '');
  return [...new Set([...versions.map((one) => path.join(CLUSTERS, one, 'bin')), ...searched, ...SYSTEM])];
}

export async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** What a program says of its version; nothing of one that does not start. */
export async function versionSaid(file: string, args: readonly string[], machine: Machine): Promise<string> {
  const end = await runChild(file, args, { machine }).catch(() => undefined);
  return end?.exitCode === 0 ? end.stdout : '';
}
