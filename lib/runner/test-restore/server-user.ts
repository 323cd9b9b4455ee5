import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { EngineError } from '../engine/engine';

/** Who a server runs as that refuses root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that a package of the server made, else `nobody`.
 * @returns nothing where this process is not root: the server runs as it does
 * @throws EngineError
 */
export async function serverUser(name: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = [name, 'nobody'].map((one) => lines.find(([who]) => who === one)).find((line) => line !== undefined);
  if (found) return { name: found[0] ?? '', uid: Number(found[2]), gid: Number(found[3]) };
  throw new EngineError('config', `there is neither a user ${name} nor nobody`, 'run as another user than root');
}

/**
 * The name of who runs this process, as its own server knows him.
 * @throws EngineError where the system has no name for him
 */
export function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    const fix = "give it one in /etc/passwd: PostgreSQL's servers start for nobody else";
    throw new EngineError('config', `the user ${process.getuid?.() ?? ''} has no name`, fix, { cause: error });
  }
}
