import { EXIT } from '../../../lib/runner/exit-code';
import { StoreError } from '../../../lib/runner/store/store';
import { verifyQuick } from '../../../lib/runner/verify';
import { machineAt, manifestKeyOf, takeBackup, task, worldOf } from '../copy/world';
import type { World } from '../copy/world';
import type { MemoryStore, MemoryStoreOptions } from '../memory-store';

/** All places of a task at once: what one of them can't do changes nothing for the others, and decides the exit code. */

const mockStores = new Map<string, MemoryStore | Error>();
jest.mock('../../../lib/runner/store/open', () => ({
  openStore: ({ store }: { readonly store: string }) => {
    const found = mockStores.get(store);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  },
}));

/** A world whose stores are those that the task opens. */
function opened(options: Partial<Record<keyof World, MemoryStoreOptions>> = {}): World {
  const world = worldOf(options);
  mockStores.clear();
  for (const [id, store] of Object.entries(world)) mockStores.set(id, store);
  return world;
}

async function quick() {
  const machine = machineAt(2);
  const { exit, verified, findings } = await verifyQuick(task, machine);
  return {
    exit,
    verified: verified.map((one) => `${one.store} ${one.slot.slice(6, 8)}`),
    findings: findings.map(({ store, kind }) => `${store} ${kind}`),
    logged: machine.logged.filter((one) => one.event.startsWith('verify_')).map((one) => `${one.level} ${one.event}`),
  };
}

const failing = (error: Error): MemoryStoreOptions => ({
  fault: ({ step }) => {
    if (step === 'list') throw error;
  },
});

test('every place is verified, and closed', async () => {
  const world = opened();
  await takeBackup([world.a, world.b], { day: 0 });
  expect(await quick()).toEqual({ exit: EXIT.success, verified: ['a 22', 'b 22'], findings: [], logged: [] });
  expect(Object.values(world).map((one) => one.closed)).toEqual([true, true, true, true]);
});

test('a store that does not open, and one that fails, are unreachable: worth another try, and no harm to others', async () => {
  const world = opened({ b: failing(new StoreError('retry', 'no answer')) });
  await takeBackup([world.a], { day: 0 });
  mockStores.set('far', new StoreError('denied', 'no right'));
  expect(await quick()).toEqual({
    exit: EXIT.retry,
    verified: ['a 22'],
    findings: ['far unreachable', 'b unreachable'],
    logged: ['error verify_unreachable', 'error verify_unreachable'],
  });
  expect(world.b.closed).toBe(true);
});

test('a bug in one place is no finding', async () => {
  const world = opened({ a: failing(new Error('a bug')) });
  await expect(quick()).rejects.toThrow('a bug');
  expect(world.a.closed).toBe(true);
});

test('a chain whose links do not hold is damage, by the manifests alone, for as long as it is there', async () => {
  const world = opened();
  const changes = { source: { identity: {}, position: {} } };
  const full = await takeBackup([world.a], { day: 0, changes });
  const child = await takeBackup([world.a], { day: 1, type: 'incremental', parent: full });
  const [verified, logged] = [['a 22', 'a 23'], ['error verify_crossed']];
  for (const _ of ['verified now', 'verified before']) {
    expect(await quick()).toEqual({ exit: EXIT.damaged, verified, findings: ['a crossed'], logged });
  }
  const { findings } = await verifyQuick(task, machineAt(2));
  expect(findings).toEqual([
    {
      store: 'a',
      key: manifestKeyOf(child),
      kind: 'crossed',
      message:
        "20261122T021500Z-full left no state of tar that it could follow; so 20261123T021500Z-incremental can't be restored: take a full",
    },
  ]);
});

test('a hole is a warning and a degraded store', async () => {
  const world = opened();
  const full = await takeBackup([world.a], { day: 0 });
  await takeBackup([world.a, world.b], { day: 1, type: 'incremental', parent: full });
  expect(await quick()).toEqual({
    exit: EXIT.degraded,
    verified: ['a 22', 'a 23', 'b 23'],
    findings: ['b hole'],
    logged: ['warning verify_hole'],
  });
  mockStores.set('far', new StoreError('retry', 'no answer'));
  expect((await quick()).exit).toBe(EXIT.retry);
});

test('damage outweighs what could not be looked at', async () => {
  const world = opened();
  await takeBackup([world.a], { day: 0 });
  const [cut = ''] = world.a.keys.filter((key) => key.endsWith('.0002'));
  world.a.spoil(cut, (bytes) => bytes.subarray(1));
  mockStores.set('far', new StoreError('retry', 'no answer'));
  expect(await quick()).toMatchObject({ exit: EXIT.damaged, findings: ['far unreachable', 'a size'] });
});
