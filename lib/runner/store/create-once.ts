import { readAll } from '../manifest';
import type { Readable } from 'node:stream';
import type { Created, Receipt } from './store';

export interface Creation {
  readonly key: string;
  readonly body: Uint8Array;
  /** Sends the object under the condition that its name is free. */
  readonly put: () => Promise<Receipt>;
  /** Whether an answer says that the name is taken. */
  readonly isTaken: (error: unknown) => boolean;
  readonly read: () => Promise<Readable>;
}

/**
 * One try of creating a small object. A name that is taken after a try whose answer was lost may hold our own bytes,
 * which only reading tells: a writer may read manifests, and nothing else.
 */
export async function createOnce(attempt: number, creation: Creation): Promise<Created> {
  const { key, body, put, isTaken, read } = creation;
  try {
    return { kind: 'created', receipt: await put() };
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (attempt === 1 || !key.endsWith('.manifest.json')) return { kind: 'exists' };
    const there = await readAll(await read());
    return there.equals(body) ? { kind: 'created', receipt: { bytes: body.length } } : { kind: 'exists' };
  }
}
