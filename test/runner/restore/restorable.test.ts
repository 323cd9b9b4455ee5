import { EXIT } from '../../../lib/runner/exit-code';
import { restorable } from '../../../lib/runner/restore/restorable';
import type { MemoryStore } from '../memory-store';
import { dataOf, ledgerKeyOf, machineAt, makeTarHistory, manifestKeyOf, must, opening, task, worldOf } from './world';
import type { TarHistory } from './world';

/** Which points can be restored, and from where. */

let history: TarHistory;
beforeAll(async () => (history = await makeTarHistory()));
afterAll(() => history.stop());

async function answer(stores: readonly MemoryStore[], down: readonly string[] = []) {
  const { exit, answer: found } = await restorable(task, machineAt(5), undefined, opening(stores, down));
  const points = found.points.map(
    ({ slot, type, stores: held }) => `${slot.slice(6, 8)} ${type} ${held.map((one) => one.store).join('')}`,
  );
  const broken = found.broken.map(({ store, slot, why }) => `${store} ${slot.slice(6, 8)}: ${why}`);
  const { suspected, unverified, unreachable } = found;
  return { exit, points, broken, suspected, unverified, unreachable, raw: found };
}

const ALL = ['22 full ab', '23 incremental ab', '24 full ab', '25 incremental ab', '26 incremental ab'];

test('every verified backup whose chain is complete is a point, of every store that has it', async () => {
  const { a, b } = await worldOf(history);
  const found = await answer([a, b]);
  expect([found.exit, found.points, found.broken]).toEqual([EXIT.success, ALL, []]);
  const [full, increment] = found.raw.points;
  expect(full).toMatchObject({
    at: '2026-11-22T02:15:00.000Z',
    degraded: 0,
    stores: [{ store: 'a', backups: 1 }, { store: 'b' }],
  });
  const length = must(history.archives[0]).bytes.length;
  expect(full?.stores[0]?.bytes).toBe(length);
  expect(increment?.stores[0]).toMatchObject({ backups: 2 });
  expect(increment?.stores[0]?.bytes).toBeGreaterThan(length);
});

test('a store that missed the full can restore nothing that follows it, and the other one can', async () => {
  const { a, b } = await worldOf(history, { missed: { a: [2] } });
  const found = await answer([a, b]);
  expect(found.exit).toBe(EXIT.degraded);
  expect(found.points).toEqual([
    '22 full ab',
    '23 incremental ab',
    '24 full b',
    '25 incremental b',
    '26 incremental b',
  ]);
  expect(found.broken).toEqual([
    'a 25: 20261124T021500Z-full, which it needs, is not verified here',
    'a 26: 20261124T021500Z-full, which it needs, is not verified here',
  ]);
});

test('what lies over verified objects is named and changes nothing', async () => {
  const { a, b, backups } = await worldOf(history);
  const full = must(backups[2]);
  const [first = ''] = dataOf(a, full);
  a.overwrite(first, Buffer.from('forged'));
  await a.remove(manifestKeyOf(full), undefined);
  await a.remove(ledgerKeyOf(full), undefined);
  const found = await answer([a, b]);
  expect([found.exit, found.points, found.broken]).toEqual([EXIT.degraded, ALL, []]);
  expect(found.suspected.map(({ key, why }) => [key, why.includes('over it') || why.includes('again')])).toEqual([
    [ledgerKeyOf(full), true],
    [manifestKeyOf(full), true],
    [first, true],
  ]);
});

test('objects that are gone take their backup and all that follows it', async () => {
  const { a, backups } = await worldOf(history);
  const [first = ''] = dataOf(a, must(backups[3]));
  await a.remove(first, (await a.head(first))?.version);
  const found = await answer([a]);
  expect(found.points).toEqual(['22 full a', '23 incremental a', '24 full a']);
  expect(found.broken).toEqual([
    `a 25: ${first} was verified once and is gone`,
    `a 26: 20261125T021500Z-incremental, which it needs: ${first} was verified once and is gone`,
  ]);
});

test('an entry of the ledger that cannot be read is no point, and is named', async () => {
  const { a, backups } = await worldOf(history);
  a.spoil(ledgerKeyOf(must(backups[4])), (bytes) => Buffer.from(bytes.toString().replace('"slot', '"slut')));
  const found = await answer([a]);
  expect(found.points).toEqual(['22 full a', '23 incremental a', '24 full a', '25 incremental a']);
  expect(found.broken).toEqual([expect.stringContaining("a 26: its entry in the ledger can't be read")]);
});

test('what nobody verified is no point, and is named', async () => {
  const { a } = await worldOf(history, { unverified: [4] });
  const found = await answer([a]);
  expect([found.exit, found.points.length, found.unverified]).toEqual([
    EXIT.success,
    4,
    [{ store: 'a', key: 'data/test/20261126T021500Z-incremental.manifest.json' }],
  ]);
});

test('a store that cannot be asked is named, and the others answer', async () => {
  const { a, b } = await worldOf(history);
  const found = await answer([a, b], ['a']);
  expect([found.exit, found.points.length, found.unreachable]).toEqual([
    EXIT.retry,
    5,
    [{ store: 'a', why: 'it is down' }],
  ]);
});

test('nothing at all is said as that', async () => {
  const { a } = await worldOf(history, { missed: { a: [0, 1, 2, 3, 4] } });
  expect(await answer([a])).toMatchObject({ exit: EXIT.damaged, points: [] });
});
