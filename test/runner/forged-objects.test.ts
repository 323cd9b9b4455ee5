import { Readable } from 'node:stream';
import type { BackupType } from '../../lib/contract';
import { readManifests } from '../../lib/runner/history';
import { sha256Of } from '../../lib/runner/manifest';
import { StoreError } from '../../lib/runner/store/store';
import { plannedRun, takeInto } from './fake-run';
import { MemoryStore } from './memory-store';
import { verifyPlace } from '../../lib/runner/verify-place';
import { PATH, machineAt, manifestKeyOf, takeBackup, task, verify, worldOf } from './copy/world';
import { testMachine } from './test-machine';

/** What somebody who may write puts beside the backups, so that the program fails at it and leaves the backups alone. */

const TRAP = `${PATH}20290101T000000Z-full.manifest.json`;

/** A store in which the object of that name answers as it likes. */
async function trapped(answer: () => Promise<Readable>) {
  const { a } = worldOf();
  await a.create(TRAP, Buffer.from('{}'), {});
  const read = a.read.bind(a);
  return Object.assign(a, {
    read: (...asked: Parameters<MemoryStore['read']>) => (asked[0] === TRAP ? answer() : read(...asked)),
  });
}

const refusal = (kind: StoreError['kind']) => () => Promise.reject(new StoreError(kind, `it is ${kind}`));
const endless = () => Promise.resolve(Readable.from(Array(65).fill(Buffer.alloc(1024 * 1024)) as Buffer[]));
const place = (store: MemoryStore) => ({ store, path: PATH });

test.each([
  ['under a key of its writer’s own', refusal('refused'), 'it is refused'],
  ['that only its writer may read', refusal('denied'), 'it is denied'],
  ['larger than any manifest', endless, 'object larger than 67108864 bytes where a manifest was expected'],
])('an object %s keeps nobody from the other manifests, and is told of', async (_, answer, why) => {
  const a = await trapped(answer);
  const full = await takeBackup([a], { day: 0 });
  const read = await readManifests(place(a), 'test');
  expect(read.manifests.map(({ stored }) => stored.sha256)).toEqual([full.sha256]);
  expect([read.unreadable, read.strangers]).toEqual([[{ key: TRAP, why }], [TRAP]]);
  const { verified, findings } = await verifyPlace(place(a), task, machineAt(1));
  expect([verified.length, findings]).toEqual([1, [{ store: 'a', key: TRAP, kind: 'unreadable', message: why }]]);
});

test('an object that goes while it is looked at was never there', async () => {
  const a = await trapped(refusal('missing'));
  await takeBackup([a], { day: 0 });
  expect(await readManifests(place(a), 'test')).toMatchObject({ unreadable: [], manifests: [{}] });
  expect(await verify(a, 1)).toEqual({ added: 1, before: 0, findings: [] });
});

test('where no manifest may be read, or the store is away, that is said, and no history is taken for empty', async () => {
  for (const kind of ['denied', 'retry'] as const)
    await expect(readManifests(place(await trapped(refusal(kind))), 'test')).rejects.toMatchObject({ kind });
  expect(await readManifests(place(await trapped(refusal('refused'))), 'test')).toMatchObject({ strangers: [TRAP] });
  await expect(verify(await trapped(refusal('retry')), 1)).rejects.toMatchObject({ kind: 'retry' });
});

test('the same manifest elsewhere, with other data of the same sizes beside it, is verified by nobody', async () => {
  const { a } = worldOf();
  const full = await takeBackup([a], { day: 0 });
  for (const key of a.keys) a.overwrite(key.replace(PATH, `${PATH}a/`), a.bytesOf(key));
  expect(await verify(a, 1)).toEqual({ added: 1, before: 0, findings: ['tampered'] });
  expect(a.keys.filter((key) => key.startsWith('_'))).toEqual([`_verified/test/${manifestKeyOf(full)}`]);
});

test.each([
  ['a slot that no calendar knows', { slot: '20261122T029900Z' }],
  ['another engine', { engine: 'postgresql' }],
] as const)('a manifest with %s is no run’s', async (_, changes) => {
  const { a } = worldOf();
  const { manifest } = await takeBackup([worldOf().a], { day: 0 });
  const forged = { ...manifest, ...changes };
  await a.create(`${PATH}${forged.slot}-full.manifest.json`, Buffer.from(JSON.stringify(forged)), {});
  expect(await verify(a, 1)).toEqual({ added: 0, before: 0, findings: ['tampered'] });
});

describe('a name that somebody spoilt', () => {
  const key = '20261122T021500Z-full.manifest.json';

  async function takenBeside(bytes: string, at = key) {
    const store = new MemoryStore();
    await store.create(at, Buffer.from(bytes), {});
    const { strangers } = await readManifests({ store, path: '' }, 'shop');
    const machine = testMachine();
    machine.advance(60);
    const histories = [{ place: { store, path: '' }, history: [], strangers }];
    const { exit, stored } = await takeInto([], machine, { planned: plannedRun(), histories });
    return { exit, stored, keys: store.keys.filter((one) => one.endsWith('.json')), logged: machine.logged };
  }

  const others = async () =>
    JSON.stringify({ ...(await takeBackup([worldOf().a], { day: 0 })).manifest, task: 'other' });
  const misnamed = async (day: number, type: BackupType) =>
    JSON.stringify({ ...(await takeBackup([worldOf().a], { day, type })).manifest, task: 'shop' });

  test.each([
    ['nothing', () => Promise.resolve('')],
    ['another task’s backup', others],
    ['a backup of another slot', () => misnamed(3, 'full')],
    ['a backup of another type', () => misnamed(0, 'log')],
  ])('by %s keeps no run from its store: the run publishes under its own start', async (_, bytes) => {
    const { exit, keys, logged } = await takenBeside(await bytes());
    expect([exit, keys]).toEqual([0, [key, '20261122T021600Z-full.manifest.json']]);
    expect(logged.find(({ event }) => event === 'slot_spoilt')?.message).toContain('20261122T021500Z-full');
  });

  test('of another type or slot changes nothing', async () => {
    for (const other of [key.replace('full', 'log'), key.replace('22T', '23T')])
      expect((await takenBeside('', other)).keys.sort()).toEqual([key, other].sort());
  });

  test('and the names of the minutes after it are passed over too', async () => {
    const store = new MemoryStore();
    const strangers = [key, '20261122T021600Z-full.manifest.json', '20261122T021601Z-full.manifest.json'];
    const machine = testMachine();
    machine.advance(60);
    await takeInto([], machine, { histories: [{ place: { store, path: '' }, history: [], strangers }] });
    expect(store.keys).toContain('20261122T021602Z-full.manifest.json');
    expect(sha256Of(store.bytesOf('20261122T021602Z-full.manifest.json'))).toMatch(/^[0-9a-f]{64}$/);
  });
});
