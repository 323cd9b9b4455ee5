import { createHash } from 'node:crypto';
import type { BackupStream, Encoding } from '../../../lib/contract';
import { encodeManifest } from '../../../lib/runner/manifest';
import { runKeys } from '../../../lib/runner/object-key';
import { StoreError } from '../../../lib/runner/store/store';
import { verifyPlace } from '../../../lib/runner/verify-place';
import { testTask } from '../../suites/runner/engine-machine';
import { manifestOf } from '../manifests';
import { MemoryStore } from '../memory-store';
import type { MemoryStoreOptions } from '../memory-store';
import { testMachine } from '../test-machine';

/** Reading in full, where no manifest holds what the store said: the backup was written to `a`, and lies in `far`. */

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const ATTEMPT = 'b'.repeat(16);

/** Segments of one, two or more texts. */
const encodingOf = (encryption: Encoding['encryption'], ...texts: string[]): Encoding => ({
  encryption,
  stores: [encryption === 'age' ? 'b' : 'a'],
  bytes: texts.join('').length,
  sha256: sha256(texts.join('')),
  segments: texts.map((text, index) => ({
    name: `files.000${index + 1}`,
    bytes: text.length,
    sha256: sha256(text),
    receipts: [],
  })),
});

const base = manifestOf(0, 'full', 30).manifest;
const keys = (attempt: string) => runKeys('data/', base.slot, base.type, attempt);

/** A manifest with these encodings, and these objects in a copier's folders: `attempt/segment` and its bytes. */
async function far(
  encodings: readonly Encoding[],
  objects: Readonly<Record<string, string>>,
  options: MemoryStoreOptions = {},
) {
  const store = new MemoryStore({ id: 'far', ...options });
  const stream: BackupStream = { ...(base.streams[0] as BackupStream), encodings };
  for (const [name, text] of Object.entries(objects)) {
    const [attempt = '', segment = ''] = name.split('/');
    await store.create(`${keys(attempt.repeat(16)).data}/${segment}`, Buffer.from(text), {});
  }
  await store.create(keys(ATTEMPT).manifest, encodeManifest({ ...base, streams: [stream] }).bytes, {});
  return store;
}

async function verify(store: MemoryStore) {
  const task = testTask({ name: 'test', engine: 'files' });
  const { verified, findings } = await verifyPlace({ store, path: 'data/' }, task, testMachine());
  const entry = store.keys.find((key) => key.startsWith('_verified/'));
  const objects = entry
    ? (JSON.parse(store.bytesOf(entry).toString()) as { objects: Record<string, unknown>[] }).objects
    : [];
  return {
    verified: verified.length,
    objects: objects.slice(1),
    findings: findings.map(({ kind, key, message }) => [kind, key.replace(/^data\/\d+T\d+Z-full-?/, ''), message]),
  };
}

const folder = (letter: string) => letter.repeat(16);
const WRONG = 'read in full, its bytes are not those that were stored elsewhere';

test('a copy is verified by its bytes, and the ledger says where they lie', async () => {
  const { verified, objects, findings } = await verify(
    await far([encodingOf('none', 'one', 'two')], { 'c/files.0001': 'one', 'd/files.0002': 'two' }),
  );
  expect([verified, findings]).toEqual([1, []]);
  expect(objects).toEqual([
    {
      key: `${keys(folder('c')).data}/files.0001`,
      bytes: 3,
      version: 'v1',
      checksum: expect.stringMatching(/^sha256:/),
    },
    {
      key: `${keys(folder('d')).data}/files.0002`,
      bytes: 3,
      version: 'v2',
      checksum: expect.stringMatching(/^sha256:/),
    },
  ]);
});

test('other bytes of the same size are a checksum that is wrong', async () => {
  const store = await far([encodingOf('none', 'one', 'two')], { 'c/files.0001': 'one', 'c/files.0002': 'TWO' });
  expect(await verify(store)).toEqual({
    verified: 0,
    objects: [],
    findings: [['checksum', `${folder('c')}/files.0002`, WRONG]],
  });
});

test('segments that changed their places are told of, although each is one of the backup', async () => {
  const store = await far([encodingOf('none', 'one', 'two')], { 'c/files.0001': 'two', 'c/files.0002': 'one' });
  const { verified, findings } = await verify(store);
  expect([verified, findings]).toEqual([0, [['checksum', `${folder('c')}/files.0001`, WRONG]]]);
});

test('beside a good object, one of other bytes is somebody’s, and the good one counts', async () => {
  const store = await far([encodingOf('none', 'one')], { 'c/files.0001': 'ONE', 'd/files.0001': 'one' });
  const good = `${keys(folder('d')).data}/files.0001`;
  expect(await verify(store)).toMatchObject({
    verified: 1,
    findings: [['tampered', `${folder('c')}/files.0001`, `it holds other bytes than the backup; ${good} counts`]],
  });
});

test('one encoding that is whole is enough, whatever lies there of another', async () => {
  const encodings = [encodingOf('none', 'one', 'two'), encodingOf('age', 'sealed 1', 'sealed 2')];
  const store = await far(encodings, {
    'c/files.0001': 'one',
    'c/files.0002': 'TWO',
    'd/files.0001': 'sealed 1',
    'd/files.0002': 'sealed 2',
  });
  const { verified, objects, findings } = await verify(store);
  expect([verified, findings]).toEqual([1, []]);
  expect(objects.map((one) => one.key)).toEqual([1, 2].map((n) => `${keys(folder('d')).data}/files.000${n}`));
});

test('pieces of two encodings that have the same size are no one’s harm, and no whole', async () => {
  const encodings = [encodingOf('none', 'one', 'two'), encodingOf('age', 'ONE', 'TWO')];
  const store = await far(encodings, { 'c/files.0001': 'one', 'd/files.0002': 'TWO' });
  expect((await verify(store)).findings).toEqual(
    [['missing', '.manifest.json', 'of stream files there are pieces of several copies, and none is whole']].map(
      ([kind, , message]) => [kind, expect.any(String), message],
    ),
  );
});

test('what lacks of a copy is named: an object that is nowhere, and one of another size', async () => {
  const missing = await verify(await far([encodingOf('none', 'one', 'two')], { 'c/files.0001': 'one' }));
  expect(missing).toEqual({
    verified: 0,
    objects: [],
    findings: [
      ['missing', `${base.attempt}/files.0002`, 'the manifest names it, and no attempt or copy of it is there'],
    ],
  });
  const cut = await verify(
    await far([encodingOf('none', 'one', 'two')], { 'c/files.0001': 'one', 'c/files.0002': 'tw' }),
  );
  expect(cut).toEqual({
    verified: 0,
    objects: [],
    findings: [['size', `${folder('c')}/files.0002`, 'it has 2 bytes and should have 3']],
  });
});

test('each object is read once, also where two encodings are the same bytes', async () => {
  const store = await far([encodingOf('none', 'one'), { ...encodingOf('none', 'one'), stores: ['b'] }], {
    'c/files.0001': 'ONE',
  });
  await verify(store);
  // The manifest, and the object.
  expect(store.calls('read')).toBe(2);
});

describe('an object that can not be read', () => {
  const failing = (error: Error) =>
    far(
      [encodingOf('none', 'one')],
      { 'c/files.0001': 'one' },
      {
        fault: ({ step, key }) => {
          if (step === 'read' && key.endsWith('.0001')) throw error;
        },
      },
    );

  test.each(['missing', 'damaged'] as const)('since it is %s is none of the backup', async (kind) => {
    const { verified, findings } = await verify(await failing(new StoreError(kind, 'gone')));
    expect([verified, findings.map(([one]) => one)]).toEqual([0, ['checksum']]);
  });

  test.each([new StoreError('retry', 'try again'), new StoreError('denied', 'no right'), new Error('a bug')])(
    'for another reason proves nothing: %s',
    async (error) => {
      await expect(verify(await failing(error))).rejects.toThrow(error.message);
    },
  );

  test('a bug that looks like a missing object stays a bug', async () => {
    const error = Object.assign(new Error('a bug'), { kind: 'missing' });
    await expect(verify(await failing(error))).rejects.toThrow();
  });
});
