import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { StoreError } from '../../../lib/runner/store/store';
import type { Store } from '../../../lib/runner/store/store';
import { digestOf, readSegment } from '../../../lib/runner/stream/read-segments';
import { MemoryStore } from '../memory-store';

/** One object of a store, and how its reading ends. */

const CONTENT = Buffer.from('content');
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const key = 'run/files.0001';

async function stored(options: ConstructorParameters<typeof MemoryStore>[0] = {}) {
  const store = new MemoryStore(options);
  await store.create(key, CONTENT, {});
  return store;
}

const digest = (store: Store, signal: AbortSignal = new AbortController().signal, version?: string) =>
  digestOf(store, { key, ...(version !== undefined && { version }) }, signal);

test('an object is its size and hash, of the version that is asked for', async () => {
  const store = await stored();
  store.overwrite(key, Buffer.from('other'));
  expect(await digest(store, undefined, 'v1')).toEqual({ bytes: 7, sha256 });
  expect((await digest(store)).bytes).toBe(5);
});

test('of several receipts the one of this store says the version', async () => {
  const store = await stored();
  store.overwrite(key, Buffer.from('other'));
  const receipts = [
    { store: 'elsewhere', version: 'v2' },
    { store: 'memory', version: 'v1' },
  ];
  const signal = new AbortController().signal;
  const chunks: Uint8Array[] = [];
  const segment = { name: 'files.0001', bytes: 7, sha256, receipts };
  for await (const chunk of readSegment(segment, store, { folder: 'run', signal })) chunks.push(chunk);
  expect(Buffer.concat(chunks)).toEqual(CONTENT);
});

describe('a run that is ended', () => {
  const ended = new Error('the run was ended');

  test('before the reading asks the store for nothing', async () => {
    const store = await stored();
    await expect(digest(store, AbortSignal.abort(ended))).rejects.toBe(ended);
    expect(store.calls('read')).toBe(0);
  });

  test('while the store answers reads nothing of the answer', async () => {
    const controller = new AbortController();
    const store = await stored({
      fault: ({ step, phase }) => {
        if (step === 'read' && phase === 'after') controller.abort(ended);
      },
    });
    await expect(digest(store, controller.signal)).rejects.toBe(ended);
  });

  test('in the middle is the reason, not the download that it cut', async () => {
    const controller = new AbortController();
    const body = new Readable({ read: () => undefined });
    body.push('con');
    const store = Object.assign(await stored(), { read: () => Promise.resolve(body) });
    const outcome = digest(store, controller.signal).catch((error: unknown) => error);
    body.once('data', () => controller.abort(ended));
    expect(await outcome).toBe(ended);
    expect(body.destroyed).toBe(true);
  });
});

describe('a download that fails', () => {
  const failing = async (error: Error) => {
    const body = new Readable({ read: () => undefined });
    const store = Object.assign(await stored(), { read: () => Promise.resolve(body) });
    process.nextTick(() => body.destroy(error));
    return digest(store).catch((thrown: unknown) => thrown);
  };

  test('as the store says, stays that', async () => {
    const error = new StoreError('damaged', 'the checksum is wrong');
    expect(await failing(error)).toBe(error);
  });

  test('for any other reason is worth another try', async () => {
    expect(await failing(new Error('socket hang up'))).toMatchObject({
      kind: 'retry',
      message: 'run/files.0001 in memory can not be read to its end',
    });
  });
});
