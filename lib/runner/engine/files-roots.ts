import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from './engine';

/** A folder or file that a task names, as it stands on this host. */
export interface FileRoot {
  readonly path: string;
  /** Its name in the archive: the path without the first slash. */
  readonly member: string;
  /** Number of the device that it lies on. */
  readonly device: string;
  /** Whether a file system of its own is mounted there. */
  readonly mount: 'own' | 'of its parent';
}

/**
 * Looks at every root before anything starts. A link, a missing folder or an empty one is what a lost mount, a renamed
 * folder or a typing error looks like, so it is a failure rather than an empty backup.
 * @throws EngineError
 */
export async function readRoots(paths: readonly string[]): Promise<readonly FileRoot[]> {
  if (paths.length === 0) throw new EngineError('config', 'the task names no paths');
  const roots: FileRoot[] = [];
  for (const one of paths) roots.push(await readRoot(one));
  return roots;
}

async function readRoot(given: string): Promise<FileRoot> {
  if (!path.isAbsolute(given)) throw new EngineError('config', `"${given}" is no absolute path`);
  const normal = path.resolve(given);
  const stat = await lstat(normal).catch((error: NodeJS.ErrnoException) => {
    throw new EngineError(
      'config',
      `"${given}" cannot be read: ${error.code ?? error.message}`,
      'check the path, and that it is mounted',
      {
        cause: error,
      },
    );
  });
  if (stat.isSymbolicLink()) {
    throw new EngineError(
      'config',
      `"${given}" is a symbolic link: only the link would be stored`,
      'name the folder that it leads to',
    );
  }
  if (!stat.isDirectory() && !stat.isFile())
    throw new EngineError('config', `"${given}" is neither a folder nor a file`);
  if (stat.isDirectory() && (await isEmpty(normal, given))) {
    throw new EngineError(
      'source',
      `"${given}" is empty`,
      'check that it is mounted, and that this is the folder that is meant',
    );
  }
  const parent = await lstat(path.dirname(normal));
  return {
    path: normal,
    member: normal === '/' ? '.' : normal.slice(1),
    device: `${stat.dev}`,
    mount: normal === '/' || parent.dev !== stat.dev ? 'own' : 'of its parent',
  };
}

async function isEmpty(folder: string, given: string): Promise<boolean> {
  try {
    const entries = await opendir(folder);
    const first = await entries.read();
    await entries.close();
    return first === null;
  } catch (error) {
    throw new EngineError(
      'config',
      `"${given}" cannot be listed: ${(error as NodeJS.ErrnoException).code}`,
      'let the runner read it',
      {
        cause: error,
      },
    );
  }
}

/** What tells one source of files from another. */
export function identityOfRoots(roots: readonly FileRoot[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    roots.map(({ path: root, device, mount }) => [
      `device.${root}`,
      mount === 'own' ? device : `${device}, no mount of its own`,
    ]),
  );
}

/** How the source differs from the one of a manifest, in words. */
export function changedIdentity(
  now: Readonly<Record<string, string>>,
  then: Readonly<Record<string, string>>,
): string | undefined {
  const names = [...new Set([...Object.keys(now), ...Object.keys(then)])].filter((name) => name.startsWith('device.'));
  const changed = names.filter((name) => now[name] !== then[name]).map((name) => name.slice('device.'.length));
  return changed.length === 0 ? undefined : `another device, or another list of paths: ${changed.join(', ')}`;
}
