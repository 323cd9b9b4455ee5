import { decide } from '../../lib/runner/decide';
import type { PreparedSource } from '../../lib/runner/engine/engine';
import type { StoredManifest } from '../../lib/runner/manifest';
import { overdueSince, planPrune } from '../../lib/runner/prune-plan';
import { ofThePast, sortHistory } from '../../lib/runner/chain';
import { testTask } from '../suites/runner/engine-machine';
import { DAY, START, manifestOf } from './manifests';

/** Backups that a clock made which was wrong, and is right again. */

const task = testTask({
  runs: [
    {
      ...{ id: 'run', from: [], type: 'full', for: ['full'], cadence: { kind: 'daily' } },
      schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
      ...{ expectedSeconds: 1800, retentionDays: 3, lockDays: 3, compression: 'none', encryption: false },
    },
  ],
});
const at = (day: number) => new Date(START + day * DAY + 3_600_000);

const source = { canFollow: () => Promise.resolve({ ok: true }) } as unknown as PreparedSource;
const decided = (history: readonly StoredManifest[], day: number) =>
  decide(
    'incremental',
    source,
    { histories: [{ place: {} as never, history: sortHistory(history), strangers: [] }], disowned: [] },
    at(day),
  );

test('a backup of a year ahead is kept and is no sign of life', () => {
  const made = [0, 1, 2].map((day) => manifestOf(day, 'full', 3));
  const ahead = manifestOf(367, 'full', 3);
  const history = sortHistory([...made, ahead]);
  expect(ofThePast(history, at(2))).toEqual(made);
  expect(overdueSince(history, task, at(2))).toBeUndefined();
  expect(overdueSince(history, task, at(20))).toContain('20261124T021500Z');
  // Nobody has taken a backup for weeks: nothing goes, and the newest is the newest that is no lie.
  expect(planPrune(history, task, at(20)).map(({ fate, why }) => [fate, why])).toEqual([
    ['keep', expect.stringContaining('overdue')],
    ['keep', expect.stringContaining('overdue')],
    ['keep', 'belongs to the newest chain that can be restored'],
    ['keep', expect.stringContaining('retention ends')],
  ]);
});

test('an increment that finds a backup from the future is a full and says so, once', async () => {
  const full = manifestOf(0, 'full', 9);
  const ahead = manifestOf(2, 'incremental', 9, full);
  const first = await decided([full, ahead], 1);
  expect(first).toMatchObject({
    type: 'full',
    fullBecause: expect.stringContaining('20261124T021500Z is from the future'),
  });
  const mended = manifestOf(1, 'full', 9, undefined, { fullBecause: first.fullBecause });
  expect(await decided([full, mended, ahead], 1.5)).toMatchObject({ type: 'incremental', parent: mended });
});

test('the same where the backup from the future is a full', async () => {
  const ahead = manifestOf(2, 'full', 9);
  const first = await decided([manifestOf(0, 'full', 9), ahead], 1);
  const mended = manifestOf(1, 'full', 9, undefined, {
    fullBecause: first.fullBecause,
    source: { identity: {}, position: { tar_state: 'of day 1' } },
  });
  const follower = manifestOf(1.2, 'incremental', 9, mended);
  expect(await decided([mended, follower, ahead], 1.5)).toMatchObject({ type: 'incremental', parent: follower });
});
