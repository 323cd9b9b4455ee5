import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';

/**
 * Where the file system of a path is mounted: the highest of its folders on the same device. Of a path that is not
 * there, that of its nearest folder that is. A mount of a folder of the same file system is not seen.
 */
export async function mountPoint(where: string): Promise<string> {
  let at = await nearest(path.resolve(where));
  const { dev } = await lstat(at);
  for (let parent = path.dirname(at); parent !== at && (await lstat(parent)).dev === dev; parent = path.dirname(at))
    at = parent;
  return at;
}

async function nearest(where: string): Promise<string> {
  for (let at = where; ; at = path.dirname(at)) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return real;
    if (path.dirname(at) === at) return at;
  }
}
