import { FullRead } from '../contract/full-read';
import type { Place } from './history';
import type { Machine } from './machine';
import { readAll } from './manifest';
import { fullReadKey, fullReadPrefix } from './object-key';
import { slotOf } from './slot';

/**
 * Puts a full re-read of a place on record, under the right by which the verifier writes its ledger. Readings of one
 * second have each a name of their own, and nothing is overwritten.
 * @throws StoreError
 */
export async function writeFullRead(
  { store }: Pick<Place, 'store'>,
  read: Omit<FullRead, 'version' | 'store'>,
  machine: Pick<Machine, 'randomHex'>,
): Promise<void> {
  const body = Buffer.from(`${JSON.stringify(FullRead.parse({ version: 1, store: store.id, ...read }), null, 1)}\n`);
  const key = fullReadKey(read.task, store.id, slotOf(new Date(read.startedAt)), machine.randomHex(8));
  await store.create(key, body, { contentType: 'application/json' });
}

/**
 * The newest full re-read of a place that is on record and not from the future; `undefined` where there is none.
 * @throws StoreError
 */
export async function newestFullRead(
  { store }: Pick<Place, 'store'>,
  task: string,
  now: Date,
): Promise<FullRead | undefined> {
  const keys: string[] = [];
  for await (const { key } of store.list(fullReadPrefix(task, store.id))) keys.push(key);
  // Names are ordered by time.
  for (const key of keys.reverse()) {
    const read = decode(await readAll(await store.read(key)));
    if (read && Date.parse(read.startedAt) <= now.getTime()) return read;
  }
  return undefined;
}

function decode(bytes: Buffer): FullRead | undefined {
  try {
    return FullRead.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
