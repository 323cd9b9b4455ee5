import { generateKeyPairSync, sign } from 'node:crypto';
import { readRecordKey } from '../../../lib/runner/object-key';
import { RECORD_TYPE, decodeEnvelope, preAuthEncoding } from '../../../lib/runner/record/envelope';
import type { RecordKey } from '../../../lib/runner/record/key';
import { isGoodSignature } from '../../../lib/runner/record/public-key';
import { writeRecord } from '../../../lib/runner/record/write';
import { StoreError } from '../../../lib/runner/store/store';
import { MemoryStore } from '../memory-store';
import { testMachine } from '../store/store-machine';
import { makeKeys } from './keys';
import { opened, recordOf } from './records';

const keys = makeKeys();
afterAll(() => keys.stop());

const SLOT = '20261123T050000Z';
const randomHex = () => '00000000000000aa';
const NAME = `_records/test/${SLOT}-test-restore-00000000000000aa.json`;

async function write(store: MemoryStore, key: RecordKey, record = recordOf()) {
  return writeRecord(record, { store, slot: SLOT, key, machine: testMachine({ randomHex }) });
}

test('a record lies in a signed envelope under a name of its own', async () => {
  const store = new MemoryStore();
  const key = await opened(keys.ed25519.privatePath);
  expect(await write(store, key)).toBe(NAME);
  expect(readRecordKey(NAME)).toEqual({ slot: SLOT, kind: 'test-restore', random: '00000000000000aa' });
  const envelope = decodeEnvelope(store.bytesOf(NAME));
  if ('why' in envelope) throw new Error(envelope.why);
  expect(JSON.parse(envelope.payload.toString())).toEqual(recordOf());
  const [{ keyid, sig } = { keyid: '', sig: Buffer.alloc(0) }] = envelope.signatures;
  expect(keyid).toBe(key.id);
  expect(isGoodSignature(preAuthEncoding(RECORD_TYPE, envelope.payload), sig, keys.ed25519.publicKey)).toBe(true);
});

test('each record has a random name', async () => {
  const store = new MemoryStore();
  const key = await opened(keys.p256.privatePath);
  const options = { store, slot: SLOT, key, machine: testMachine() };
  const names = [await writeRecord(recordOf(), options), await writeRecord(recordOf(), options)];
  expect([...store.keys].sort()).toEqual([...names].sort());
  expect(new Set(names).size).toBe(2);
});

test('what is there is never overwritten', async () => {
  const store = new MemoryStore();
  await store.create(NAME, Buffer.from('older'), {});
  await expect(write(store, await opened(keys.ed25519.privatePath))).rejects.toThrow(/is there already/);
  expect(store.bytesOf(NAME).toString()).toBe('older');
});

test('an answer that was lost is settled by looking', async () => {
  const store = new MemoryStore();
  const key = await opened(keys.ed25519.privatePath);
  const create = store.create.bind(store);
  // The store's own second try finds what its first one left.
  store.create = async (...asked) => {
    await create(...asked);
    return create(...asked);
  };
  expect(await write(store, key)).toBe(NAME);
});

test('a public key writes nothing', async () => {
  const store = new MemoryStore();
  const key = await opened(keys.ed25519.publicPath);
  await expect(write(store, key)).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/is public/),
  });
  expect(store.keys).toEqual([]);
});

test('a signature that its own key does not know is not written', async () => {
  const store = new MemoryStore();
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = await opened(keys.ed25519.privatePath);
  const mixed: RecordKey = { ...key, sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)) };
  await expect(write(store, mixed)).rejects.toMatchObject({ kind: 'retry' });
  expect(store.keys).toEqual([]);
});

test('a store that says no says so', async () => {
  const store = new MemoryStore({
    fault: ({ step }) => {
      if (step === 'create') throw new StoreError('denied', 'may not create');
    },
  });
  await expect(write(store, await opened(keys.ed25519.privatePath))).rejects.toThrow('may not create');
});
