import { runKeys } from '../../lib/runner/object-key';
import { encodeManifest } from '../../lib/runner/manifest';
import { verifyPlace } from '../../lib/runner/verify-place';
import { testMachine, testTask } from '../suites/runner/engine-machine';
import { manifestOf } from './manifests';
import { MemoryStore } from './memory-store';

/** What HEAD and versions tell of a published backup, against a store that every test can falsify. */

const task = testTask({ name: 'test', engine: 'files' });
const { manifest } = manifestOf(0, 'full', 30);
const keys = runKeys('data/', manifest.slot, manifest.type, manifest.attempt);
const segment = `${keys.data}/files.0001`;

async function published(claimed?: string) {
  const store = new MemoryStore();
  const created = await store.create(segment, Buffer.from('content'), {});
  if (created.kind !== 'created') throw new Error('taken');
  const checksum = claimed ?? created.receipt.checksum;
  const receipts = [{ store: store.id, ...(checksum !== undefined && { checksum }) }];
  const [stream] = manifest.streams;
  const [encoding] = stream?.encodings ?? [];
  const [part] = encoding?.segments ?? [];
  if (!stream || !encoding || !part) throw new Error('no stream');
  const stored = encodeManifest({
    ...manifest,
    streams: [
      { ...stream, encodings: [{ ...encoding, stores: [store.id], segments: [{ ...part, bytes: 7, receipts }] }] },
    ],
  });
  await store.create(keys.manifest, stored.bytes, {});
  return store;
}

const verify = async (store: MemoryStore) => {
  const { verified, findings } = await verifyPlace({ store, path: 'data/' }, task, testMachine());
  return {
    verified: verified.length,
    kinds: findings.map((one) => one.kind),
    ledger: store.keys.filter((key) => key.startsWith('_verified/')).length,
  };
};

test('what agrees is written into the ledger', async () => {
  expect(await verify(await published())).toEqual({ verified: 1, kinds: [], ledger: 1 });
});

test('a checksum that is not what the store said at the upload is no verification', async () => {
  expect(await verify(await published('sha256:of something else'))).toEqual({
    verified: 0,
    kinds: ['checksum'],
    ledger: 0,
  });
});

test('a delete marker over an object that is not verified yet is told of', async () => {
  const store = await published();
  await store.remove(segment, undefined);
  expect((await verify(store)).kinds).toContain('tampered');
});

test('a manifest over the first one is told of, and the first one counts', async () => {
  const store = await published();
  await store.remove(keys.manifest, undefined);
  expect(await verify(store)).toMatchObject({ verified: 1, kinds: ['tampered'], ledger: 1 });
});
