import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { THAWED_DAYS } from '../../../lib/contract';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { restorable } from '../../../lib/runner/restore/restorable';
import { restore } from '../../../lib/runner/restore/restore';
import type { RestoreOptions } from '../../../lib/runner/restore/restore';
import type { Target } from '../../../lib/runner/restore/target';
import { StoreError } from '../../../lib/runner/store/store';
import { fileEntries } from '../../corpus/file-entries';
import { freeze } from '../freeze';
import type { FreezeOptions } from '../freeze';
import type { MemoryStore } from '../memory-store';
import { dataOf, machineAt, makeTarHistory, must, opening, task as plain, worldOf } from './world';
import type { TarHistory } from './world';

/** Restores of what a lifecycle has moved into an archive: asked for, waited for, or come back to. */

let history: TarHistory;
let folder: string;
beforeAll(async () => (history = await makeTarHistory()));
afterAll(() => history.stop());
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-thawed-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const node = { id: 'n', from: [], cloud: 'aws', region: 'r', bucket: 'b', path: 'data/test/' } as const;
const task: TaskManifest = { ...plain, stores: [{ ...node, store: 'a', retrievalTier: 'bulk' }] };
const target = () => path.join(folder, 'target');
const restored = () => fileEntries(path.join(target(), history.member));

/** A restore of the third day, a full of its own, unless something else is said. */
async function run(
  stores: readonly MemoryStore[],
  options: Partial<RestoreOptions> = {},
  end?: AbortSignal,
  open?: () => Promise<Target>,
) {
  const waits: number[] = [];
  const machine = machineAt(5, {
    stateFolder: path.join(folder, 'state'),
    wait: (milliseconds) => {
      // The line that tells how a step goes on is looked at each second.
      if (milliseconds > 1000) waits.push(milliseconds);
      return Promise.resolve();
    },
    ...(end && { signal: end }),
  });
  const asked: RestoreOptions = {
    ...{ wish: { kind: 'backup', slot: '20261124T021500Z' }, mode: 'restore', target: target(), databases: undefined },
    ...{ replace: [], globals: 'left out', owners: 'kept', ...options },
  };
  const report = await restore(task, asked, machine, { open: opening(stores), ...(open && { target: open }) });
  return { ...report, waits };
}

/** Both stores, of which `a` has the data of some days in an archive. */
async function frozen(days: readonly number[], options: FreezeOptions = {}) {
  const world = await worldOf(history);
  const keys = new Set(days.flatMap((day) => dataOf(world.a, must(world.backups[day]))));
  const archive = freeze(world.a, (key) => keys.has(key), options);
  return { ...world, keys: [...keys].sort(), frozen: archive, asked: archive.asked };
}

test('what is in an archive is asked for, and the restore ends with the time to come back', async () => {
  const { a, asked, keys } = await frozen([0, 2]);
  const report = await run([a]);
  // The other full was not asked for.
  const own = keys.filter((key) => key.includes('20261124'));
  expect(asked.map(({ key }) => key).sort()).toEqual(own);
  expect(
    asked.every(({ tier, days, version }) => tier === 'bulk' && days === THAWED_DAYS && version !== undefined),
  ).toBe(true);
  expect([report.exit, report.waits, existsSync(target())]).toEqual([EXIT.retry, [], false]);
  const comeBack = new Date(machineAt(5).now().getTime() + 12 * 3_600_000).toISOString();
  expect(report.thaw).toMatchObject({ store: 'a', objects: own.length, requested: own.length, comeBack });
  expect(report.why).toContain(
    `asked for by bulk retrieval, which takes 5:00:00 to 12:00:00: come back at ${comeBack}`,
  );
});

test('a chain is asked for as a whole, and what is there already is not', async () => {
  const { a, asked, backups } = await frozen([2, 3]);
  await run([a], { wish: { kind: 'latest' } });
  const chain = [2, 3].flatMap((day) => dataOf(a, must(backups[day])));
  expect(asked.map(({ key }) => key).sort()).toEqual(chain.sort());
});

test('what was asked for before is not asked for again, and is read when it is there', async () => {
  const world = await frozen([2], { looks: 4 });
  const { a, asked } = world;
  const first = await run([a]);
  const count = asked.length;
  const second = await run([a]);
  expect([second.exit, second.thaw?.requested, asked.length, world.frozen.inVain]).toEqual([EXIT.retry, 0, count, 0]);
  expect(second.why).toContain(`0 were asked for by bulk retrieval, and ${count} before`);
  expect(first.thaw?.requested).toBe(count);
  for (let tries = 0; tries < 4; tries += 1) await run([a], { mode: 'dry-run' });
  const last = await run([a]);
  expect([last.exit, last.why, asked.length]).toEqual([EXIT.success, undefined, count]);
  expect(restored()).toEqual(fileEntries(must(history.copies[2])));
});

test('--wait looks until all of it is there, at most every five minutes, and goes on', async () => {
  const { a } = await frozen([2], { looks: 5 });
  const report = await run([a], { archived: 'wait' });
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(report.waits.length).toBeGreaterThanOrEqual(4);
  expect([...new Set(report.waits)]).toEqual([300_000]);
  expect(restored()).toEqual(fileEntries(must(history.copies[2])));
});

test('--wait asks more often where it takes minutes, and does not wait for ever', async () => {
  const { a } = await frozen([2], { looks: 1_000_000 });
  const report = await run([a], { archived: 'wait', retrievalTier: 'expedited' });
  expect([report.exit, existsSync(target())]).toEqual([EXIT.retry, false]);
  expect([...new Set(report.waits)]).toEqual([30_000]);
  // Twice the five minutes that it should take.
  expect(report.waits).toHaveLength(20);
  expect(report.why).toContain('can still not be read after 10:00');
});

test('--wait ends with the run', async () => {
  const end = new AbortController();
  const { a } = await frozen([2], { looks: 1_000_000 });
  const head = a.head.bind(a);
  const seen = Object.assign(a, {
    head: (...asked: Parameters<MemoryStore['head']>) => {
      if (a.calls('head') > 40) end.abort(new Error('SIGTERM'));
      return head(...asked);
    },
  });
  const report = await run([seen], { archived: 'wait' }, end.signal);
  expect([report.exit, existsSync(target())]).toEqual([EXIT.interrupted, false]);
  expect(report.waits.length).toBeLessThan(50);
});

test('a dry run only says it', async () => {
  const { a, asked } = await frozen([2]);
  const report = await run([a], { mode: 'dry-run' });
  expect([report.exit, asked, readdirSync(folder)]).toEqual([EXIT.success, [], []]);
  expect(report.plan[0]).toMatch(
    /^\d+ objects of it, .*, lie in an archive in a: asked for by bulk retrieval, which takes 5:00:00 to 12:00:00$/,
  );
  expect(report.thaw).toMatchObject({ requested: 0, tier: 'bulk' });
});

test.each(['restore', 'dry-run'] as const)(
  'a tier that the archive does not have is refused before anything (%s)',
  async (mode) => {
    const { a, asked } = await frozen([2], { tier: 'DEEP_ARCHIVE' });
    const report = await run([a], { mode, retrievalTier: 'expedited' });
    expect([report.exit, asked]).toEqual([EXIT.permanent, []]);
    expect(report.why).toBe(
      'a: there is no expedited retrieval from DEEP_ARCHIVE; say --retrieval-tier standard (up to 5:00:00) or bulk (up to 12:00:00)',
    );
  },
);

test('a store that has it at hand is read first, and nothing is asked for', async () => {
  const { a, b, asked } = await frozen([2]);
  const report = await run([a, b]);
  expect([report.exit, report.store, report.warnings, asked]).toEqual([EXIT.success, 'b', [], []]);
});

test('where that one is damaged, the archive is asked', async () => {
  const { a, b, asked, backups } = await frozen([2]);
  b.spoil(must(dataOf(b, must(backups[2])).at(-1)), (bytes) => bytes.fill(1));
  const report = await run([a, b]);
  expect([report.exit, asked.length > 0]).toEqual([EXIT.retry, true]);
  expect(report.warnings).toEqual([expect.stringMatching(/^b is passed over: /)]);
});

test('what came back before it was asked for is read at once', async () => {
  const { a, asked } = await frozen([2], { back: true });
  const report = await run([a]);
  expect([report.exit, report.why, report.waits, asked]).toEqual([EXIT.success, undefined, [], []]);
});

test('who may not thaw is told so', async () => {
  const { a } = await frozen([2], { refuse: new StoreError('denied', 'AccessDenied (403)') });
  const report = await run([a]);
  expect(report.exit).toBe(EXIT.permanent);
  expect(report.why).toContain('to thaw is a right of its own');
});

test('streams that the target does without stay where they are', async () => {
  const { a, asked } = await frozen([2]);
  const nothing: Target = {
    ...{ name: 'nothing', wants: () => false, plan: () => [] },
    check: () => Promise.resolve(),
    restore: () => Promise.resolve({ held: [], notes: [], warnings: [] }),
    close: () => Promise.resolve(),
  };
  const report = await run([a], {}, undefined, () => Promise.resolve(nothing));
  expect([report.exit, report.why, asked]).toEqual([EXIT.success, undefined, []]);
});

test('a manifest that an archive took is not needed: the ledger has it', async () => {
  const world = await worldOf(history);
  freeze(world.a, (key) => key.endsWith('.manifest.json') && !key.startsWith('_'));
  const report = await run([world.a]);
  expect([report.exit, report.warnings]).toEqual([EXIT.success, []]);
});

test('where a class moves objects by itself, a look tells which are in its archive', async () => {
  const { a, asked, keys } = await frozen([2], { lists: 'unclear' });
  const report = await run([a]);
  expect([report.exit, asked.map(({ key }) => key).sort()]).toEqual([EXIT.retry, keys]);
});

describe('restorable', () => {
  const answer = async (stores: readonly MemoryStore[]) =>
    (await restorable(task, machineAt(5), undefined, opening(stores))).answer.points;

  test('names what has to be thawed first, and how long that takes by the tier of the task', async () => {
    const { a, keys } = await frozen([0]);
    const points = await answer([a]);
    const wait = { from: 5 * 3600, to: 12 * 3600 };
    expect(points.map(({ archived }) => archived)).toEqual([true, true, false, false, false]);
    expect(points[1]).toMatchObject({ thawSeconds: wait, stores: [{ archived: { objects: keys.length } }] });
    expect(points[2]?.stores[0]).not.toHaveProperty('archived');
  });

  test('a point that another store has at hand is not archived', async () => {
    const { a, b } = await frozen([0]);
    const [first] = await answer([a, b]);
    expect([first?.archived, first?.thawSeconds]).toEqual([false, undefined]);
    expect(first?.stores.map((one) => 'archived' in one)).toEqual([true, false]);
  });

  test('a tier that the archive does not have does not end the list', async () => {
    const { a } = await frozen([0], { tier: 'DEEP_ARCHIVE' });
    const fast: TaskManifest = { ...task, stores: [{ ...node, store: 'a', retrievalTier: 'expedited' }] };
    const { answer: found } = await restorable(fast, machineAt(5), undefined, opening([a]));
    expect(found.points[0]).toMatchObject({ archived: true, thawSeconds: { to: 5 * 3600 } });
  });
});
