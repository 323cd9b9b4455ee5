import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { Machine } from '../../../lib/runner/machine';
import { thawAhead } from '../../../lib/runner/restore/thaw-ahead';
import type { ThawOptions } from '../../../lib/runner/restore/thaw-ahead';
import { StoreError } from '../../../lib/runner/store/store';
import { freeze } from '../freeze';
import type { FreezeOptions } from '../freeze';
import type { MemoryStore } from '../memory-store';
import { dataOf, machineAt, makeTarHistory, must, opening, task as plain, worldOf } from './world';
import type { TarHistory } from './world';

/** Thawing without a restore: by somebody who may ask, and has no target. */

let history: TarHistory;
beforeAll(async () => (history = await makeTarHistory()));
afterAll(() => history.stop());

const node = { id: 'n', from: [], cloud: 'aws', region: 'r', bucket: 'b', path: 'data/test/' } as const;
const task: TaskManifest = { ...plain, stores: [{ ...node, store: 'a', retrievalTier: 'bulk' }] };

async function frozen(days: readonly number[], options: FreezeOptions = {}) {
  const world = await worldOf(history);
  const keys = days.flatMap((day) => dataOf(world.a, must(world.backups[day])));
  return { ...world, keys: keys.sort(), archive: freeze(world.a, (key) => keys.includes(key), options) };
}

async function thaw(stores: readonly MemoryStore[], options: Partial<ThawOptions> = {}, down: readonly string[] = []) {
  const waits: number[] = [];
  const machine: Machine = machineAt(5, {
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  });
  const asked: ThawOptions = { wish: { kind: 'latest' }, archived: 'come back', ...options };
  return { ...(await thawAhead(task, asked, machine, opening(stores, down))), waits };
}

test('the chain that a restore would read is asked for, once, by what the task says', async () => {
  const { a, archive, keys } = await frozen([2, 3, 4]);
  const first = await thaw([a]);
  expect(first).toMatchObject({ exit: EXIT.retry, backup: '20261126T021500Z-incremental', store: 'a', waits: [] });
  expect(first.why).toContain(`come back at ${must(first.thaw).comeBack}`);
  expect(archive.asked.map(({ key }) => key).sort()).toEqual(keys);
  expect(new Set(archive.asked.map(({ tier }) => tier))).toEqual(new Set(['bulk']));
  await thaw([a]);
  expect([archive.asked.length, archive.inVain]).toEqual([keys.length, 0]);
});

test('whoever may thaw and not look at an object goes by the list', async () => {
  const { a, archive, keys } = await frozen([2, 3, 4], { refuseHead: new StoreError('denied', 'a: not allowed') });
  expect(await thaw([a])).toMatchObject({ exit: EXIT.retry, thaw: { objects: keys.length } });
  expect(archive.asked.map(({ key }) => key).sort()).toEqual(keys);
});

test('a look that fails for another reason is no word on the object', async () => {
  const { a, archive } = await frozen([2], { refuseHead: new StoreError('retry', 'a: away') });
  expect(await thaw([a])).toMatchObject({ exit: EXIT.retry, why: expect.stringContaining('a: away') as string });
  expect(archive.asked).toEqual([]);
});

test('--wait ends when all of it can be read', async () => {
  const { a } = await frozen([2, 3, 4], { looks: 3 });
  const report = await thaw([a], { archived: 'wait' });
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(report.waits.length).toBeGreaterThan(0);
});

test('where another store has it readable, nothing is asked', async () => {
  const { a, b, archive } = await frozen([2, 3, 4]);
  expect(await thaw([a, b])).toMatchObject({ exit: EXIT.success, store: 'b' });
  expect(archive.asked).toEqual([]);
});

test.each([
  ['nothing that is archived', [], {}, EXIT.success],
  ['a backup that is not there', [2], { wish: { kind: 'backup', slot: '20300101T000000Z' } }, EXIT.permanent],
] as const)('%s', async (_, days, options, exit) => {
  const { a, archive } = await frozen(days);
  expect(await thaw([a], options)).toMatchObject({ exit });
  expect(archive.asked).toEqual([]);
});

test('who may not thaw is told that it is a right of its own', async () => {
  const { a } = await frozen([2, 3, 4], { refuse: new StoreError('denied', 'a: not allowed') });
  const report = await thaw([a]);
  expect([report.exit, report.why]).toEqual([EXIT.permanent, expect.stringContaining('a right of its own')]);
});

test('a store that is down may be there in a while', async () => {
  const { a } = await frozen([]);
  expect(await thaw([a], {}, ['a'])).toMatchObject({ exit: EXIT.retry, why: expect.stringContaining('it is down') });
});
