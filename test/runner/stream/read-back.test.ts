import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { BackupStream } from '../../../lib/contract';
import { IDENTITY_VARIABLE } from '../../../lib/runner/stream/age';
import { readBack } from '../../../lib/runner/stream/read-back';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import { StoreError } from '../../../lib/runner/store/store';
import type { Store } from '../../../lib/runner/store/store';
import { MemoryStore } from '../memory-store';
import { testMachine } from '../test-machine';
import { bytesOf, noise, sourceOf, turns } from './sources';

const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const IDENTITY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const STRANGER = 'AGE-SECRET-KEY-1JG4V7WJTSF2LHG7AKCUFJUKZ58925TUX86ZR9ZKW7TCA7MZZZ7KS8RJT6U';
const CONTENT = noise(250_000);

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'stream-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function machineWith(identity: string) {
  const file = path.join(folder, 'identity');
  writeFileSync(file, identity, { mode: 0o600 });
  return testMachine({ PATH: process.env.PATH, [IDENTITY_VARIABLE]: file });
}

type Compression = 'gzip' | 'zstd' | 'none';

async function stored(encryption: Store['encryption'], compression: Compression) {
  const store = new MemoryStore({ encryption });
  const { stream } = await storeStream(sourceOf(CONTENT), {
    targets: [{ store, folder: 'run' }],
    compression,
    recipient: RECIPIENT,
    segmentBytes: 100_000,
    machine: testMachine(),
  });
  return { store, stream };
}

/** How much is handed out, and how it ends. */
async function outcomeOf(output: Readable): Promise<{ readonly bytes: Buffer; readonly error: unknown }> {
  const chunks: Buffer[] = [];
  let error: unknown;
  try {
    for await (const chunk of output as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (thrown) {
    error = thrown;
  }
  return { bytes: Buffer.concat(chunks), error };
}

const flip = (at: number) => (bytes: Buffer) => {
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes;
};
const SPOILS: readonly (readonly [string, string, (bytes: Buffer) => Buffer, string])[] = [
  ['the first bit', 'run/shop.0001', flip(0), 'its bytes are not those that were stored'],
  ['a bit in the middle', 'run/shop.0002', flip(50_000), 'its bytes are not those that were stored'],
  ['the last bit', 'run/shop.0003', flip(-1), 'its bytes are not those that were stored'],
  [
    'a missing byte at the end',
    'run/shop.0003',
    (bytes) => bytes.subarray(0, -1),
    'it has 49999 bytes instead of 50000',
  ],
  [
    'a missing byte of the first segment',
    'run/shop.0001',
    (bytes) => bytes.subarray(0, -1),
    'it has 99999 bytes instead of 100000',
  ],
  [
    'a byte too many',
    'run/shop.0003',
    (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
    'it has more than 50000 bytes',
  ],
  ['an empty segment', 'run/shop.0002', () => Buffer.alloc(0), 'it has 0 bytes instead of 100000'],
];

describe.each(['store', 'none'] as const)('in a store with encryption by %s', (encryption) => {
  describe.each(['gzip', 'zstd', 'none'] as const)('compressed by %s', (compression) => {
    it.each(SPOILS)('notices %s and does not give out the last bytes', async (_, key, change, message) => {
      const { store, stream } = await stored(encryption, compression);
      store.spoil(key, change);
      const { bytes, error } = await outcomeOf(
        readBack(stream, store, { folder: 'run', machine: machineWith(IDENTITY) }),
      );
      expect(error).toBeInstanceOf(StoreError);
      // What unpacks may notice it first; without that, each check says its own.
      const plain = compression === 'none' && encryption === 'store';
      const expected = plain ? `${key} in memory: ${message}` : '';
      expect(error).toMatchObject({ kind: 'damaged', message: expect.stringContaining(expected) as string });
      expect(bytes.length).toBeLessThan(CONTENT.length);
    });
  });
});

it.each<[string, (stream: BackupStream) => BackupStream, string]>([
  ['size of the raw bytes', (one) => ({ ...one, bytes: one.bytes + 1 }), 'unpacks to 250000 bytes instead of 250001'],
  ['smaller size of the raw bytes', (one) => ({ ...one, bytes: 99_999 }), 'unpacks to more than 99999 bytes'],
  ['hash of the raw bytes', (one) => ({ ...one, sha256: '0'.repeat(64) }), 'other bytes than the engine wrote'],
  ['hash of all segments', withEncoding({ sha256: '0'.repeat(64) }), 'together not what the manifest says'],
  ['size of all segments', withEncoding({ bytes: 1 }), 'together not what the manifest says'],
])('notices another %s', async (_, change, message) => {
  const { store, stream } = await stored('store', 'none');
  const { bytes, error } = await outcomeOf(readBack(change(stream), store, { folder: 'run', machine: testMachine() }));
  expect(error).toMatchObject({ kind: 'damaged', message: expect.stringContaining(message) as string });
  expect(bytes.length).toBeLessThan(CONTENT.length);
});

function withEncoding(change: Partial<BackupStream['encodings'][number]>) {
  return (one: BackupStream): BackupStream => ({
    ...one,
    encodings: one.encodings.map((encoding) => ({ ...encoding, ...change })),
  });
}

it('notices segments in another order', async () => {
  const { store, stream } = await stored('store', 'none');
  const swapped = withEncoding({ segments: [...(stream.encodings[0]?.segments ?? [])].reverse() })(stream);
  const { error } = await outcomeOf(readBack(swapped, store, { folder: 'run', machine: testMachine() }));
  expect(error).toMatchObject({ kind: 'damaged' });
});

it('reads the version that was stored or verified, whatever was written over it or deleted', async () => {
  const { store, stream } = await stored('store', 'gzip');
  store.overwrite('run/shop.0001', Buffer.from('not a backup'));
  await store.remove('run/shop.0002', undefined);
  const machine = testMachine();
  expect((await bytesOf(readBack(stream, store, { folder: 'run', machine }))).equals(CONTENT)).toBe(true);

  const asked: string[] = [];
  const version = (key: string) => {
    asked.push(key);
    return 'v4';
  };
  const { error } = await outcomeOf(readBack(stream, store, { folder: 'run', machine, version }));
  expect(error).toMatchObject({ kind: 'damaged' });
  expect(asked).toEqual(['run/shop.0001']);
});

it('says that a segment is missing, and that a store never had the stream', async () => {
  const { store, stream } = await stored('store', 'gzip');
  await store.remove('run/shop.0002', 'v2');
  const options = { folder: 'run', machine: testMachine() };
  expect((await outcomeOf(readBack(stream, store, options))).error).toMatchObject({ kind: 'missing' });
  const other = new MemoryStore({ id: 'other' });
  expect((await outcomeOf(readBack(stream, other, options))).error).toMatchObject({
    kind: 'missing',
    message: 'the manifest says that other does not hold shop',
  });
});

it('hands nothing out when the run is over before it begins', async () => {
  const { store, stream } = await stored('store', 'none');
  const machine = testMachine();
  machine.interrupt();
  const { bytes, error } = await outcomeOf(readBack(stream, store, { folder: 'run', machine }));
  expect([bytes.length, error]).toEqual([0, expect.objectContaining({ message: 'the run was ended' })]);
});

it('does not take an empty piece for the last one, which is handed out only when everything agrees', async () => {
  const store = new MemoryStore();
  const options = { targets: [{ store, folder: 'run' }], compression: 'none', machine: testMachine() } as const;
  const { stream } = await storeStream(sourceOf(Buffer.from('content')), { ...options, recipient: undefined });
  // A stream of chunks as they come.
  const body = () => Readable.from([Buffer.from('content'), Buffer.alloc(0)], { objectMode: true });
  const pieces = Object.assign(store, { read: () => Promise.resolve(body()) });
  const falsified = { ...stream, sha256: '0'.repeat(64) };
  const { bytes, error } = await outcomeOf(readBack(falsified, pieces, { folder: 'run', machine: testMachine() }));
  expect(error).toMatchObject({ message: expect.stringContaining('other bytes than the engine wrote') as string });
  expect(bytes).toHaveLength(0);
});

it('says why nothing can be unpacked, in the words of whoever noticed', async () => {
  const { store, stream } = await stored('store', 'gzip');
  const message = async (read: () => Promise<never>) => {
    const failing = Object.assign(store, { read });
    const { error } = await outcomeOf(readBack(stream, failing, { folder: 'run', machine: testMachine() }));
    return (error as Error).message;
  };
  expect(await message(() => Promise.reject(new RangeError('too large')))).toMatch(
    /it can not be unpacked: too large$/,
  );
  expect(await message(() => Promise.reject('no error'))).toMatch(/it can not be unpacked: no error$/);
});

it.each([
  ['is not named', () => testMachine(), 'there is no identity'],
  ['can not be read', () => testMachine({ [IDENTITY_VARIABLE]: path.join(folder, 'nowhere') }), 'can not be read'],
  ['is no identity file', () => machineWith('secret words\n'), 'holds no age identity'],
  ['has a broken identity', () => machineWith('AGE-SECRET-KEY-1QQQ\n'), 'that is broken'],
  ["is a stranger's", () => machineWith(`${STRANGER}\n`), "is not the recipient's"],
])('an identity that %s is somebody’s to change, and is never quoted', async (_, machine, message) => {
  const { store, stream } = await stored('none', 'gzip');
  const { bytes, error } = await outcomeOf(readBack(stream, store, { folder: 'run', machine: machine() }));
  expect(error).toMatchObject({ kind: 'config', message: expect.stringContaining(message) as string });
  expect((error as Error).message).not.toMatch(/secret words|AGE-SECRET/);
  expect(bytes).toHaveLength(0);
});

it.each(['gzip', 'zstd', 'none'] as const)(
  'ends a download that is interrupted or that nobody reads on (%s)',
  async (compression) => {
    const { stream } = await stored('store', compression);
    for (const end of ['interrupt', 'destroy'] as const) {
      const body = new Readable({ read: () => undefined });
      const store = Object.assign(new MemoryStore(), { read: () => Promise.resolve(body) });
      const machine = testMachine();
      const output = readBack(stream, store, { folder: 'run', machine });
      const outcome = outcomeOf(output);
      await turns(20);
      if (end === 'interrupt') machine.interrupt();
      else output.destroy();
      const { error } = await outcome;
      expect(error).toMatchObject(end === 'interrupt' ? { message: 'the run was ended' } : {});
      await turns(2);
      expect(body.destroyed).toBe(true);
    }
  },
);
