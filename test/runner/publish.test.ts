import { encodeManifest, sha256Of } from '../../lib/runner/manifest';
import { runKeys } from '../../lib/runner/object-key';
import { publish } from '../../lib/runner/publish';
import { StoreError } from '../../lib/runner/store/store';
import { manifestOf } from './manifests';
import { MemoryStore } from './memory-store';
import type { MemoryStoreOptions } from './memory-store';

/** The commit: last, once, and only where the list agrees. */

const base = manifestOf(0, 'full', 30).manifest;
const keys = runKeys('data/', base.slot, base.type, base.attempt);

const stream = (name: string, store: string, bytes: number) => {
  const { streams } = base;
  const [first] = streams;
  const [encoding] = first?.encodings ?? [];
  const [segment] = encoding?.segments ?? [];
  if (!first || !encoding || !segment) throw new Error('no stream');
  const segments = [{ ...segment, name: `${name}.0001`, bytes }];
  const other = { ...encoding, stores: ['elsewhere'], segments: [{ ...segment, name: `${name}.0001`, bytes: 99 }] };
  return { ...first, name, encodings: [other, { ...encoding, stores: [store], segments }] };
};

const manifest = encodeManifest({ ...base, streams: [stream('globals', 'memory', 3), stream('files', 'memory', 7)] });

async function storeWith(objects: Readonly<Record<string, string>>, options: MemoryStoreOptions = {}) {
  const store = new MemoryStore(options);
  for (const [name, text] of Object.entries(objects)) await store.create(`${keys.data}/${name}`, Buffer.from(text), {});
  return store;
}

const WHOLE = { 'globals.0001': 'one', 'files.0001': 'content' };
const commit = (store: MemoryStore, stored = manifest, retainUntil: Date | undefined = undefined) =>
  publish(store, { manifestKey: keys.manifest, dataFolder: keys.data, manifest: stored, retainUntil });

test('is stored where every object is listed with its size', async () => {
  const store = await storeWith(WHOLE);
  expect(await commit(store)).toEqual({ kind: 'stored' });
  expect(store.bytesOf(keys.manifest)).toEqual(manifest.bytes);
  expect((await store.head(keys.manifest))?.retainUntil).toBeUndefined();
  expect(store.calls('read')).toBe(0);
});

test('the manifest is locked as its objects are', async () => {
  const store = await storeWith(WHOLE);
  const until = new Date(Date.UTC(2027, 0, 1));
  await commit(store, manifest, until);
  expect((await store.head(keys.manifest))?.retainUntil).toEqual(until);
});

test.each([
  ['an object is not listed', { 'globals.0001': 'one' }, 'files.0001 is not listed after its upload'],
  [
    'an object is listed with another size',
    { ...WHOLE, 'files.0001': 'conten' },
    'files.0001 is listed with 6 bytes instead of 7',
  ],
])('is no commit where %s', async (_, objects, why) => {
  const store = await storeWith(objects);
  expect(await commit(store)).toEqual({ kind: 'failed', why });
  expect(store.keys).not.toContain(keys.manifest);
});

test('is no commit where a stream did not get to the store', async () => {
  const store = await storeWith(WHOLE);
  const stored = encodeManifest({ ...base, streams: [stream('globals', 'memory', 3), stream('files', 'other', 7)] });
  expect(await commit(store, stored)).toEqual({ kind: 'failed', why: 'stream files did not get there' });
  expect(store.keys).not.toContain(keys.manifest);
});

test('the answer that was lost is settled by what lies there, and another attempt stays', async () => {
  const store = await storeWith(WHOLE);
  await commit(store);
  expect(await commit(store)).toEqual({ kind: 'stored' });
  const other = await storeWith(WHOLE);
  await other.create(keys.manifest, Buffer.from('another'), {});
  expect(await commit(other)).toEqual({ kind: 'taken', bySha256: sha256Of(Buffer.from('another')) });
  expect(other.bytesOf(keys.manifest).toString()).toBe('another');
});

test('what a store refuses is a failure with its reason, and a bug stays one', async () => {
  const failing = (error: Error): MemoryStoreOptions => ({
    fault: ({ step }) => {
      if (step === 'list') throw error;
    },
  });
  expect(await commit(await storeWith(WHOLE, failing(new StoreError('denied', 'no right'))))).toEqual({
    kind: 'failed',
    why: 'no right',
  });
  await expect(commit(await storeWith(WHOLE, failing(new Error('a bug'))))).rejects.toThrow('a bug');
});
