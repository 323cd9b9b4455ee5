import fc from 'fast-check';
import { chainOf } from '../../lib/runner/chain';
import type { StoredManifest } from '../../lib/runner/manifest';
import { planPrune } from '../../lib/runner/prune-plan';
import { testTask } from '../suites/runner/engine-machine';
import { DAY, START, manifestOf } from './manifests';

const node = { id: 'run', from: [] };
const daily = testTask({
  runs: [
    {
      ...node,
      type: 'full',
      for: ['full'],
      cadence: { kind: 'daily' },
      schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
      expectedSeconds: 1800,
      retentionDays: 3,
      lockDays: 3,
      compression: 'none',
      encryption: false,
    },
  ],
});
const at = (day: number) => new Date(START + day * DAY + 3600_000);

test('what is over goes, what is needed stays, and each says why', () => {
  const old = manifestOf(0, 'full', 3);
  const needed = manifestOf(2, 'full', 1);
  const later = manifestOf(3, 'incremental', 9, needed);
  const newest = manifestOf(9, 'full', 3);
  expect(planPrune([old, needed, later, newest], daily, at(9)).map(({ fate, why }) => [fate, why])).toEqual([
    ['remove', expect.stringContaining('nothing needs it')],
    ['keep', expect.stringContaining('later backups need it until')],
    ['keep', expect.stringContaining('retention ends')],
    ['keep', 'belongs to the newest chain that can be restored'],
  ]);
});

test('the name of a run that may still come stays taken, although what has it says to be past its time', () => {
  const newest = manifestOf(9, 'full', 3);
  const squatted = manifestOf(12, 'full', 3, undefined, { expiresAt: new Date(START).toISOString() });
  const fateOn = (day: number) => planPrune([newest, squatted], daily, at(day))[1];
  expect(fateOn(9)).toMatchObject({ fate: 'keep', why: expect.stringContaining('may still come') });
  expect(fateOn(12.9)?.fate).toBe('keep');
  const later = manifestOf(13, 'full', 3);
  expect(planPrune([newest, squatted, later], daily, at(13.1))[1]?.fate).toBe('remove');
});

test("what the store's own lifecycle keeps for longer stays until then, whatever the types say", () => {
  const made = [0, 8, 9].map((day) => manifestOf(day, 'full', 3));
  expect(planPrune(made, daily, at(9)).map(({ fate }) => fate)).toEqual(['remove', 'keep', 'keep']);
  const [kept] = planPrune(made, daily, at(9), 2555);
  expect([kept?.fate, kept?.why]).toEqual(['keep', 'retention ends 2033-11-20T02:15:00.000Z']);
  expect(planPrune(made, daily, at(9), 9).map(({ fate }) => fate)).toEqual(['remove', 'keep', 'keep']);
  // A number below the retention takes nothing here: that is the lifecycle's own to do.
  expect(planPrune(made, daily, at(9), 1).map(({ fate }) => fate)).toEqual(['remove', 'keep', 'keep']);
});

test('a lifecycle keeps each by its age: what hangs on a full makes the full no older there', () => {
  const full = manifestOf(0, 'full', 3);
  const later = manifestOf(6, 'incremental', 3, full);
  const newest = [19, 20].map((day) => manifestOf(day, 'full', 3));
  expect(planPrune([full, later, ...newest], daily, at(20), 20).map(({ fate }) => fate)).toEqual([
    ...['remove', 'keep', 'keep', 'keep'],
  ]);
});

test('nothing goes while the task is overdue', () => {
  const made = [0, 1, 2].map((day) => manifestOf(day, 'full', 1));
  const fates = planPrune(made, daily, at(30)).map(({ fate, why }) => [fate, why]);
  expect(fates.every(([fate]) => fate === 'keep')).toBe(true);
  expect(fates[0]?.[1]).toContain('the task is overdue');
});

test('what can not be restored is no sign of life, and nothing goes while nothing can be', () => {
  const old = manifestOf(0, 'full', 1);
  const lost = manifestOf(29, 'incremental', 1, manifestOf(28, 'full', 1));
  expect(planPrune([old, lost], daily, at(31)).map(({ why }) => why)).toEqual([
    'belongs to the newest chain that can be restored',
    expect.stringContaining('the newest verified backup is of 20261122'),
  ]);
  expect(planPrune([lost], daily, at(31)).map(({ why }) => why)).toEqual([
    'the task is overdue: no complete verified backup',
  ]);
});

test('a run as it is needed makes no task overdue before a month and a day have passed twice', () => {
  const made = [0, 1].map((day) => manifestOf(day, 'full', 1));
  const seldom = testTask({ runs: daily.runs.map((run) => ({ ...run, cadence: { kind: 'as_needed' as const } })) });
  const fates = (day: number) => planPrune(made, seldom, at(day)).map(({ fate }) => fate);
  expect(fates(63)).toEqual(['remove', 'keep']);
  expect(fates(65)).toEqual(['keep', 'keep']);
});

test('the newest whole chain stays for ever, and no survivor loses what it needs', () => {
  const drafts = fc.array(
    fc.record({ retention: fc.integer({ min: 1, max: 20 }), full: fc.boolean(), back: fc.nat(3) }),
    {
      minLength: 1,
      maxLength: 25,
    },
  );
  fc.assert(
    fc.property(drafts, fc.integer({ min: 0, max: 60 }), (list, later) => {
      const made: StoredManifest[] = [];
      list.forEach((draft, day) => {
        const parent = made[made.length - 1 - draft.back];
        made.push(
          draft.full || !parent
            ? manifestOf(day, 'full', draft.retention)
            : manifestOf(day, 'incremental', draft.retention, parent),
        );
      });
      const now = at(made.length + later);
      const kept = planPrune(made, daily, now)
        .filter((one) => one.fate === 'keep')
        .map((one) => one.stored);
      expect(kept.some((one) => chainOf(kept, one))).toBe(true);
      for (const one of kept.filter((candidate) => Date.parse(candidate.manifest.expiresAt) > now.getTime())) {
        expect(chainOf(kept, one)).toBeDefined();
      }
    }),
  );
});
