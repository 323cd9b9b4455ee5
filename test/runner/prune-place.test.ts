import { runKeys } from '../../lib/runner/object-key';
import { prunePlace } from '../../lib/runner/prune-place';
import { StoreError } from '../../lib/runner/store/store';
import { DAY, START } from './manifests';
import type { MemoryStore } from './memory-store';
import { PATH, machineAt, manifestKeyOf, runCopy, takeBackup, task, verify, worldOf } from './copy/world';
import { plannedRun } from './fake-run';

/** What copies leave behind, and what prune makes of it. */

const daily = { ...task, runs: [plannedRun()] };
const prune = (store: MemoryStore, day: number) => prunePlace({ store, path: PATH }, daily, 'remove', machineAt(day));
const dataOf = (store: MemoryStore) => store.keys.filter((key) => !key.startsWith('_') && !key.endsWith('.json'));

/** A copy that was killed after two objects, and one that went through without reading what that left. */
async function copiedTwice() {
  let [finished, killed] = [0, false];
  const fault = ({ step, phase }: { step: string; phase: string }) => {
    if (step === 'finish' && phase === 'before' && !killed && (finished += 1) === 3) throw new Error('killed');
  };
  let at = 2;
  const world = worldOf({ far: { fault, now: () => new Date(START + at * DAY) } });
  const full = await takeBackup([world.a], { day: 0, retention: 3 });
  await verify(world.a, 1);
  await expect(runCopy(world, { day: 2, only: ['far'] })).rejects.toThrow('killed');
  killed = true;
  // Its own attempt is spoilt, so that the next copy can take up nothing of it.
  for (const key of dataOf(world.far)) world.far.spoil(key, (bytes) => bytes.subarray(1));
  const machine = machineAt(2);
  machine.randomHex(8);
  await runCopy(world, { day: 2, only: ['far'], machine });
  const later = (day: number) => (at = day);
  return { world, full, later };
}

test('what an interrupted copy left goes a day later, what the ledger holds stays', async () => {
  const { world } = await copiedTwice();
  expect(dataOf(world.far)).toHaveLength(6);
  // Not verified yet: nobody knows which of them count.
  await prune(world.far, 9);
  expect(dataOf(world.far)).toHaveLength(6);
  await verify(world.far, 2);
  await prune(world.far, 2.5);
  expect(dataOf(world.far)).toHaveLength(6);
  await prune(world.far, 3.5);
  expect(dataOf(world.far)).toHaveLength(4);
  expect((await verify(world.far, 3)).findings).toEqual([]);
});

test('a copy goes as a whole when its time is over, whatever attempt it lies under', async () => {
  const { world, later } = await copiedTwice();
  await verify(world.far, 2);
  later(5);
  await takeBackup([world.far], { day: 5 });
  await verify(world.far, 5);
  const { lines } = await prune(world.far, 5);
  expect(lines.filter((one) => one.key.includes('20261122')).every((one) => one.fate === 'removed')).toBe(true);
  expect(world.far.keys.filter((key) => key.startsWith(`${PATH}20261122`))).toEqual([]);
  expect((await verify(world.far, 5)).findings).toEqual([]);
});

test('data of a copy that is still being written stays, also its first objects', async () => {
  const world = worldOf({ far: { now: () => new Date(START + 2 * DAY) } });
  const key = (attempt: string) => `${runKeys(PATH, '20261122T021500Z', 'full', attempt).data}/files.0001`;
  await world.far.create(key('1'.repeat(16)), Buffer.alloc(1), {});
  world.far.overwrite(key('2'.repeat(16)), Buffer.alloc(1), new Date(START + 4 * DAY));
  await prune(world.far, 4.5);
  expect(dataOf(world.far)).toHaveLength(2);
  await prune(world.far, 5.5);
  expect(dataOf(world.far)).toHaveLength(0);
});

describe('backups whose time is over', () => {
  const fates = async (store: MemoryStore, day: number, mode: 'remove' | 'dry-run' = 'remove', of = daily) =>
    (await prunePlace({ store, path: PATH }, of, mode, machineAt(day))).lines
      .filter((one) => one.key.endsWith('.json'))
      .map(({ key, fate }) => `${key.slice(PATH.length + 6, PATH.length + 8)} ${fate}`);

  /** Fulls of the first, second and sixth day, kept for three days each and verified. */
  async function threeFulls(lockDays = 0, manifestDays = lockDays) {
    const { a } = worldOf({ a: { now: () => new Date(START + 6.5 * DAY) } });
    for (const day of [0, 1, 5]) {
      const stored = await takeBackup([a], { day, retention: 3, lockDays });
      const key = manifestKeyOf(stored);
      await a.remove(key, (await a.head(key))?.version);
      await a.create(key, stored.bytes, { retainUntil: new Date(START + (day + manifestDays) * DAY) });
    }
    await verify(a, 5);
    return a;
  }

  test('go with all their data, and the newest chain stays', async () => {
    const a = await threeFulls();
    expect(await fates(a, 6)).toEqual(['22 removed', '23 removed', '27 kept']);
    expect(dataOf(a)).toHaveLength(4);
    expect((await verify(a, 6)).findings).toEqual([]);
  });

  test('are only named by a dry run', async () => {
    const a = await threeFulls();
    expect(await fates(a, 6, 'dry-run')).toEqual(['22 would remove', '23 would remove', '27 kept']);
    expect(dataOf(a)).toHaveLength(12);
  });

  test('stay with all their data as long as they are locked, and go when they are not', async () => {
    const a = await threeFulls(6);
    const { lines } = await prunePlace({ store: a, path: PATH }, daily, 'dry-run', machineAt(6.5));
    expect(lines.find(({ fate }) => fate === 'locked')?.why).toContain('locked until 2026-11-29T02:15:00.000Z');
    expect(await fates(a, 6.5)).toEqual(['22 removed', '23 locked', '27 kept']);
    expect(dataOf(a)).toHaveLength(8);
    expect((await verify(a, 6.5)).findings).toEqual([]);
  });

  /** Lists of S3 say nothing of locks: only the refusal does. */
  const refusing = (a: MemoryStore, kind: 'locked' | 'denied', refuses: (key: string) => boolean) => {
    const remove = a.remove.bind(a);
    return Object.assign(a, {
      remove: (...asked: Parameters<MemoryStore['remove']>) =>
        refuses(asked[0]) ? Promise.reject(new StoreError(kind, `it is ${kind}`)) : remove(...asked),
    });
  };

  test.each([
    ['locked', false],
    ['denied', true],
  ] as const)('keep nothing else where the store says of one that it is %s', async (kind, refused) => {
    const a = refusing(await threeFulls(), kind, (key) => key.includes('20261122T021500Z-full.'));
    const pruned = await prunePlace({ store: a, path: PATH }, daily, 'remove', machineAt(6));
    expect(pruned.refused).toBe(refused);
    expect(pruned.lines.find(({ fate }) => fate === 'locked')?.why).toContain(`it is ${kind}`);
    expect(dataOf(a).filter((key) => key.includes('20261122'))).toHaveLength(4);
    expect(dataOf(a).filter((key) => key.includes('20261123'))).toHaveLength(0);
  });

  test('are a failure where whoever prunes may remove nothing, and none where all of it is locked', async () => {
    const denied = refusing(await threeFulls(), 'denied', () => true);
    await expect(prune(denied, 6)).rejects.toMatchObject({ kind: 'denied' });
    const locked = refusing(await threeFulls(), 'locked', () => true);
    expect(await fates(locked, 6)).toEqual(['22 locked', '23 locked', '27 kept']);
    const away = refusing(await threeFulls(), 'denied', () => false);
    Object.assign(away, { remove: () => Promise.reject(new StoreError('retry', 'away')) });
    await expect(prune(away, 6)).rejects.toMatchObject({ kind: 'retry' });
  });

  test('keep their data while their manifest is locked, whatever the data’s own locks say', async () => {
    const a = await threeFulls(0, 6);
    expect(await fates(a, 6.5)).toEqual(['22 removed', '23 locked', '27 kept']);
    expect(dataOf(a)).toHaveLength(8);
  });

  test('stay where the newest one is gone, of which only the ledger knows', async () => {
    const a = await threeFulls();
    const newest = a.keys.find((key) => key.startsWith(`${PATH}20261127`) && key.endsWith('.json')) ?? '';
    await a.remove(newest, (await a.head(newest))?.version);
    expect(await fates(a, 6)).toEqual(['22 kept', '23 kept']);
  });

  test('are not weighed by what the folder of the host may hold', async () => {
    const a = await threeFulls();
    const bounded = { ...daily, local: { id: 'n', from: [], path: '/nowhere', maxBytes: 1 } };
    expect(await prunePlace({ store: a, path: PATH }, bounded, 'remove', machineAt(6))).not.toHaveProperty('cap');
  });
});
