import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BackupStream } from '../../../lib/contract';
import { IDENTITY_VARIABLE } from '../../../lib/runner/stream/age';
import { BLOCK_BYTES } from '../../../lib/runner/stream/gzip';
import { readBack } from '../../../lib/runner/stream/read-back';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import { MemoryStore } from '../memory-store';
import { testMachine } from '../test-machine';
import { bytesOf, noise, sourceOf } from './sources';

const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const IDENTITY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const SEGMENT = 200_000;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let folder: string;
let environment: Record<string, string | undefined>;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stream-'));
  const file = path.join(folder, 'identity');
  writeFileSync(file, `# created for a test\n${IDENTITY}\n`, { mode: 0o600 });
  environment = { PATH: process.env.PATH, [IDENTITY_VARIABLE]: file };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['gzip', 'zstd', 'none'] as const)('compressed by %s', (compression) => {
  it.each([0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, BLOCK_BYTES, BLOCK_BYTES + 1, 2_500_000])(
    '%i bytes come back from a store with a key, one without, and the manifest says what is there',
    async (bytes) => {
      const content = noise(bytes);
      const machine = testMachine(environment);
      const cloud = new MemoryStore({ id: 'cloud' });
      const local = new MemoryStore({ id: 'local', encryption: 'none' });
      const { stream, dropped } = await storeStream(sourceOf(content), {
        targets: [
          { store: cloud, folder: 'a/run' },
          { store: local, folder: 'run' },
        ],
        compression,
        recipient: RECIPIENT,
        segmentBytes: SEGMENT,
        machine,
      });

      expect(dropped).toEqual([]);
      expect(() => BackupStream.parse(stream)).not.toThrow();
      expect(stream).toMatchObject({ bytes, sha256: sha256(content), compression });
      expect(stream.encodings.map(({ encryption, stores }) => [encryption, stores])).toEqual([
        ['store', ['cloud']],
        ['age', ['local']],
      ]);
      for (const [store, prefix, encoding] of [
        [cloud, 'a/run/', stream.encodings[0]],
        [local, 'run/', stream.encodings[1]],
      ] as const) {
        const segments = encoding?.segments ?? [];
        expect(store.keys.sort()).toEqual(segments.map(({ name }) => `${prefix}${name}`));
        const stored = segments.map(({ name }) => store.bytesOf(`${prefix}${name}`));
        expect(segments.map(({ bytes: size }) => size)).toEqual(stored.map(({ length }) => length));
        expect(segments.map(({ sha256: hash }) => hash)).toEqual(stored.map(sha256));
        expect(encoding).toMatchObject({ bytes: Buffer.concat(stored).length, sha256: sha256(Buffer.concat(stored)) });
        // All but the last are full, and none is empty beside others.
        expect(stored.slice(0, -1).every(({ length }) => length === SEGMENT)).toBe(true);
        expect(stored.length === 1 || (stored.at(-1)?.length ?? 0) > 0).toBe(true);
      }
      expect(sha256(await bytesOf(readBack(stream, cloud, { folder: 'a/run', machine })))).toBe(sha256(content));
      expect(sha256(await bytesOf(readBack(stream, local, { folder: 'run', machine })))).toBe(sha256(content));
      expect(machine.waiting).toBe(0);
    },
  );
});

it('names segments by their stream and number, in the folder of each target', async () => {
  const store = new MemoryStore({ id: 'cloud' });
  await storeStream(sourceOf(noise(250), 100, { name: "o'hara/..\n" }), {
    targets: [{ store, folder: 'x/20261122T021500Z-full-0123456789abcdef' }],
    compression: 'none',
    segmentBytes: 100,
    machine: testMachine(),
  });
  expect(store.keys).toEqual([
    'x/20261122T021500Z-full-0123456789abcdef/o=27hara=2F..=0A.0001',
    'x/20261122T021500Z-full-0123456789abcdef/o=27hara=2F..=0A.0002',
    'x/20261122T021500Z-full-0123456789abcdef/o=27hara=2F..=0A.0003',
  ]);
});

it('stores what its format compressed as it is', async () => {
  const store = new MemoryStore();
  const content = Buffer.alloc(5000, 'a');
  const { stream } = await storeStream(sourceOf(content, 1000, { compression: 'internal', format: 'pg_custom' }), {
    targets: [{ store, folder: 'run' }],
    compression: 'zstd',
    machine: testMachine(),
  });
  expect(stream).toMatchObject({ compression: 'internal', format: 'pg_custom' });
  expect(store.bytesOf('run/shop.0001')).toEqual(content);
});

it('without a recipient gives stores without a key the same plain bytes and says so', async () => {
  const cloud = new MemoryStore({ id: 'cloud' });
  const local = new MemoryStore({ id: 'local', encryption: 'none' });
  const { stream } = await storeStream(sourceOf(noise(1000)), {
    targets: [
      { store: local, folder: 'run' },
      { store: cloud, folder: 'run' },
    ],
    compression: 'gzip',
    machine: testMachine(),
  });
  expect(stream.encodings.map(({ encryption, stores }) => [encryption, stores])).toEqual([
    ['store', ['cloud']],
    ['none', ['local']],
  ]);
  expect(local.bytesOf('run/shop.0001')).toEqual(cloud.bytesOf('run/shop.0001'));
});

it('keeps what each store said of each segment, and its lock', async () => {
  const stores = [new MemoryStore({ id: 'one' }), new MemoryStore({ id: 'two', versions: 'none' })];
  const retainUntil = new Date(Date.UTC(2027, 0, 1));
  const { stream } = await storeStream(sourceOf(noise(150)), {
    targets: stores.map((store) => ({ store, folder: 'run', retainUntil })),
    compression: 'none',
    segmentBytes: 100,
    machine: testMachine(),
  });
  const checksum = expect.stringMatching(/^sha256:/) as string;
  expect(stream.encodings[0]?.segments.map(({ receipts }) => receipts)).toEqual([
    [
      { store: 'one', checksum, version: 'v1' },
      { store: 'two', checksum },
    ],
    [
      { store: 'one', checksum, version: 'v2' },
      { store: 'two', checksum },
    ],
  ]);
  expect((await stores[0]?.head('run/shop.0001'))?.retainUntil).toEqual(retainUntil);
});

it('refuses a recipient that is none before it reads anything', async () => {
  const source = sourceOf(noise(10));
  const store = new MemoryStore({ encryption: 'none' });
  const options = { targets: [{ store, folder: 'run' }], compression: 'none', recipient: 'ssh-rsa AAAA' } as const;
  await expect(storeStream(source, { ...options, machine: testMachine() })).rejects.toMatchObject({ kind: 'config' });
  expect(store.calls('upload')).toBe(0);
  expect(source.output.destroyed).toBe(true);
});

it('does not quote a recipient that is the secret half of a key', async () => {
  const store = new MemoryStore({ encryption: 'none' });
  const recipient = 'AGE-SECRET-KEY-1CANARY';
  const options = { targets: [{ store, folder: 'run' }], compression: 'none', recipient } as const;
  const error = await storeStream(sourceOf(noise(10)), { ...options, machine: testMachine() }).catch(
    (one: Error) => one,
  );
  expect((error as Error).message).toBe('the recipient is no public key of age');
  expect((error as Error).cause).toBeUndefined();
});

it('fails where there is no store to go to', async () => {
  const source = sourceOf(noise(10));
  const options = { targets: [], compression: 'none', machine: testMachine() } as const;
  await expect(storeStream(source, options)).rejects.toThrow('no store to go to');
});
