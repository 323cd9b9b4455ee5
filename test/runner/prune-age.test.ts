import type { TaskManifest } from '../../lib/contract';
import { LedgerLook } from '../../lib/runner/ledger-look';
import { PRUNE_ALLOWED_SECONDS, pruneAge, pruneOverdueSeconds } from '../../lib/runner/prune-age';
import { prunePlace } from '../../lib/runner/prune-place';
import { PATH, machineAt, takeBackup, task, verify, worldOf } from './copy/world';
import { plannedRun } from './fake-run';
import { DAY, START } from './manifests';
import type { MemoryStore } from './memory-store';

/** Fulls of three days, taken daily: what a prune of three days ago would have removed and is there. */

const DAYS = 86_400;
const ALLOWED = PRUNE_ALLOWED_SECONDS / DAYS;
const daily: TaskManifest = { ...task, runs: [plannedRun({ lockDays: 0 })] };

async function world(upTo: number, taken: { readonly lockDays?: number; readonly from?: number } = {}) {
  let day = 0;
  const { a } = worldOf({ a: { now: () => new Date(START + day * DAY) } });
  for (day = taken.from ?? 0; day <= upTo; day += 1) {
    await takeBackup([a], { day, retention: 3, lockDays: taken.lockDays ?? 0 });
    await verify(a, day);
  }
  return a;
}

async function days(store: MemoryStore, day: number, of = daily, keptDays?: number): Promise<number> {
  const place = { store, path: PATH, keptDays };
  const { ageSeconds } = await pruneAge(place, of, await LedgerLook.at(place, of.name), new Date(START + day * DAY));
  return ageSeconds / DAYS;
}

test('what could go for longer than three days is told, by how long', async () => {
  const store = await world(9);
  // The first could go on the third day: a prune of the third day took it, or it is late from the sixth on.
  expect([await days(store, 5.9), await days(store, 6), await days(store, 9.5)]).toEqual([0, ALLOWED, 6.5]);
  await prunePlace({ store, path: PATH }, daily, 'remove', machineAt(9.5));
  expect(await days(store, 9.5)).toBe(0);
});

test('a prune that fails once, or twice, and then does its work is not told of', async () => {
  const store = await world(4);
  await prunePlace({ store, path: PATH }, daily, 'remove', machineAt(4.5));
  // What came to its end on the fourth and fifth day is younger than three days.
  expect(await days(store, 6.9)).toBe(0);
});

test('what the store keeps by its own number, or a lock holds, has time until then', async () => {
  const store = await world(9);
  expect([await days(store, 9, daily, 30), await days(store, 9, daily, 5)]).toEqual([0, 4]);
  const locked = await world(9, { lockDays: 5 });
  expect([await days(locked, 7.9), await days(locked, 9)]).toEqual([0, 4]);
});

test('the newest chain stays for ever, and nothing has to go while the task is overdue', async () => {
  const store = await world(1);
  expect([await days(store, 20), await days(store, 300)]).toEqual([0, 0]);
  // From the tenth day on there are backups again, and a prune has three days to take the old ones.
  const later = async (day: number) => {
    await takeBackup([store], { day, retention: 3 });
    await verify(store, day);
  };
  await later(10);
  expect(await days(store, 10)).toBe(0);
  for (const day of [11, 12, 13]) await later(day);
  expect(await days(store, 13)).toBe(10);
});

test('what nobody published goes a day after it was written, and after the lock of its bucket', async () => {
  const store = await world(9, { from: 7 });
  store.overwrite(`${PATH}20261122T021500Z-full-${'b'.repeat(16)}/files.0001`, Buffer.alloc(9), new Date(START));
  expect([await days(store, 3.9), await days(store, 9)]).toEqual([0, 8]);
  const locking = { ...daily, runs: [plannedRun({ lockDays: 6 })] };
  expect([await days(store, 9, locking), await days(store, 10, locking)]).toEqual([0, 3]);
});

test('a backup whose manifest alone is gone has its data told of', async () => {
  const store = await world(9);
  const [first = ''] = store.keys.filter((key) => key.startsWith(`${PATH}20261122`) && key.endsWith('.json'));
  const rest = store.keys.filter((key) => /2026112[2-9]|20261130/.test(key) && key.endsWith('.json'));
  for (const key of [first, ...rest].filter((one) => one.startsWith(PATH))) await store.remove(key, undefined);
  expect(await days(store, 9)).toBeGreaterThan(ALLOWED);
});

test('the worst store is what a task is late with', () => {
  const one = (ageSeconds: number) => ({ store: 's', ageSeconds, allowedSeconds: 100 });
  expect(pruneOverdueSeconds([])).toBeUndefined();
  expect(pruneOverdueSeconds([one(0), one(100)])).toBe(0);
  expect(pruneOverdueSeconds([one(0), one(170), one(130)])).toBe(70);
});
