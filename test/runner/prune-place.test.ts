import { runKeys } from '../../lib/runner/object-key';
import { prunePlace } from '../../lib/runner/prune-place';
import { DAY, START } from './manifests';
import type { MemoryStore } from './memory-store';
import { PATH, machineAt, runCopy, takeBackup, task, verify, worldOf } from './copy/world';
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
