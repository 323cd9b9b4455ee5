import * as fc from 'fast-check';
import { sortHistory } from '../../lib/runner/chain';
import { chainExpiry, expiryWarningSeconds, warnSecondsOf } from '../../lib/runner/chain-expiry';
import type { KeptRun } from '../../lib/runner/chain-expiry';
import type { StoredManifest } from '../../lib/runner/manifest';
import { DAY, START, manifestOf } from './manifests';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;
const at = (day: number) => new Date(START + day * DAY);
const run = (type: KeptRun['type'], retentionDays: number, everyDays: number): KeptRun => ({
  ...{ type, retentionDays },
  allowedSeconds: everyDays * DAY_SECONDS + HOUR_SECONDS,
});
const runs = [run('full', 30, 7), run('incremental', 7, 1)];
const full = manifestOf(0, 'full', 30);
const store = { id: 's', locks: 'none' as const };

/** Days that are left of the newest chain. */
function left(day: number, ...verified: readonly StoredManifest[]): number | undefined {
  const found = chainExpiry({ store }, sortHistory(verified), runs, at(day));
  return found && found.leftSeconds / DAY_SECONDS;
}

test('a chain is kept until the last that hangs on its full has passed its retention', () => {
  expect(left(1, full)).toBe(29);
  expect(left(2, full, manifestOf(1, 'incremental', 7, full))).toBe(28);
  expect(left(26, full, manifestOf(25, 'incremental', 7, full))).toBe(6);
  // The newest point goes before an older one does, and the full with the last.
  const first = manifestOf(1, 'incremental', 60, full);
  expect(left(2, full, first, manifestOf(2, 'incremental', 7, first))).toBe(59);
});

test('the newest chain counts, not an older one that is kept for longer', () => {
  const year = manifestOf(-100, 'full', 365);
  expect(left(1, year, full)).toBe(29);
  expect(left(1, year)).toBe(264);
});

test('what cannot be restored, or is from the future, keeps nothing', () => {
  const lost = manifestOf(3, 'incremental', 90, manifestOf(2, 'incremental', 90, full));
  expect(left(3, full, lost)).toBe(27);
  expect(left(3, full, manifestOf(300, 'full', 30))).toBe(27);
  expect(left(3, full, manifestOf(300, 'incremental', 30, full))).toBe(27);
  expect([left(0), left(3, lost)]).toEqual([undefined, undefined]);
});

test('what has run out has nothing left, and a task without runs is warned of nothing', () => {
  expect(left(40, full)).toBe(0);
  expect(chainExpiry({ store }, [full], [], at(1))).toBeUndefined();
});

describe('a store whose lifecycle the spec gives', () => {
  const increment = manifestOf(6, 'incremental', 7, full);
  const expiry = (day: number, keptDays: number, of = [full, increment], locks: 'none' | 'objects' = 'none') =>
    chainExpiry({ store: { id: 's', locks }, keptDays }, sortHistory(of), runs, at(day));
  const warned = (day: number, keptDays: number) => {
    const found = expiry(day, keptDays);
    return found && expiryWarningSeconds([found]);
  };

  test('takes the first of the chain by its age, whatever hangs on it', () => {
    expect(expiry(6, 100)?.leftSeconds).toBe(94 * DAY_SECONDS);
    expect(expiry(6, 10)?.leftSeconds).toBe(4 * DAY_SECONDS);
    // By the retention of the types the increment holds its full until the 13th day.
    expect(left(6, full, increment)).toBe(24);
  });

  test('is warned of before its end, but not while every run comes in time', () => {
    expect([warned(80, 100), warned(87, 100)]).toEqual([0, DAY_SECONDS]);
    // A full is kept for ten days and comes each week: three are left then, but for the hour that it may be late.
    expect([warned(6.9, 10), warned(8, 10)]).toEqual([0, DAY_SECONDS - HOUR_SECONDS]);
  });

  test('that is shorter than the time between two fulls is warned of as soon as it may have taken one', () => {
    expect([warned(4.9, 5), warned(6, 5)]).toEqual([0, DAY_SECONDS]);
    expect(expiry(6, 5)?.leftSeconds).toBe(-DAY_SECONDS);
  });

  test('waits for a lock that the store gave', () => {
    const locked = { lockedUntil: at(20).toISOString(), unlocked: [] };
    const [stream] = full.manifest.streams;
    const streams = stream
      ? [{ ...stream, encodings: stream.encodings.map((one) => ({ ...one, stores: ['s'] })) }]
      : [];
    const held = manifestOf(0, 'full', 30, undefined, { ...locked, streams });
    expect(expiry(6, 10, [held], 'objects')?.leftSeconds).toBe(14 * DAY_SECONDS);
    expect(expiry(6, 10, [held], 'none')?.leftSeconds).toBe(4 * DAY_SECONDS);
    const refused = manifestOf(0, 'full', 30, undefined, { ...locked, streams, unlocked: ['s'] });
    expect(expiry(6, 10, [refused], 'objects')?.leftSeconds).toBe(4 * DAY_SECONDS);
  });
});

test.each([
  ['14 days where the retention is long', [run('full', 30, 1)], 14 * DAY_SECONDS],
  ['and where increments are kept for a week below fulls for a month', runs, 14 * DAY_SECONDS],
  ['half of a retention that is short', [run('full', 7, 1)], 3.5 * DAY_SECONDS],
  ['what a monthly full has left before the next', [run('full', 35, 31)], 4 * DAY_SECONDS - HOUR_SECONDS],
  ['14 days where increments hold the month', [run('full', 31, 31), run('incremental', 31, 1)], 14 * DAY_SECONDS],
  ['never where a retention is shorter than an interval', [run('full', 5, 7)], 0],
])('is warned of: %s', (_, kept, seconds) => {
  expect(warnSecondsOf(kept)).toBe(seconds);
});

test('the worst store is what a task is warned of', () => {
  const one = (leftSeconds: number) => ({ store: 's', leftSeconds, warnSeconds: 100 });
  expect(expiryWarningSeconds([])).toBeUndefined();
  expect(expiryWarningSeconds([one(100), one(400)])).toBe(0);
  expect(expiryWarningSeconds([one(400), one(30), one(60)])).toBe(70);
});

/** Fulls, each kept for some days, with increments on it, each on the one before; the time is after all or among them. */
const histories = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((chains) =>
    chains.map(([retention, increments], chain) => {
      const members = [manifestOf(chain * 5, 'full', retention)];
      increments.forEach((days, index) =>
        members.push(manifestOf(chain * 5 + index + 1, 'incremental', days, members.at(-1))),
      );
      return members;
    }),
  );

test('it is never later than the expiry of the newest chain', () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 0, max: 80 }), (chains, day) => {
      const newest = chains.filter(([first]) => first && Date.parse(first.manifest.startedAt) <= +at(day)).at(-1) ?? [];
      const end = Math.max(...newest.map(({ manifest }) => Date.parse(manifest.expiresAt)));
      const found = chainExpiry({ store }, sortHistory(chains.flat()), runs, at(day));
      expect(found?.leftSeconds).toBeLessThanOrEqual(Math.max(0, (end - +at(day)) / 1000));
    }),
  );
});

/**
 * Fulls of every so many days and increments between, the last of each as old as it may be: who runs in time is not warned
 * of, whatever the retention is.
 */
test('nothing is warned of while every run comes in time', () => {
  const days = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(days, days, fc.integer({ min: 1, max: 10 }), fc.boolean(), days, (kept, short, every, alone, now) => {
      const verified: StoredManifest[] = [];
      for (let day = -10 * every; day <= now; day += 1) {
        const isFull = day % every === 0;
        if (isFull) verified.push(manifestOf(day, 'full', kept));
        else if (!alone) verified.push(manifestOf(day, 'incremental', short, verified.at(-1)));
      }
      const plan = [run('full', kept, every), ...(alone ? [] : [run('incremental', short, 1)])];
      // The next is due since an hour, and not there yet.
      const late = new Date(+at(now + 1) + HOUR_SECONDS * 1000);
      const expiry = chainExpiry({ store }, sortHistory(verified), plan, late);
      expect(expiryWarningSeconds(expiry ? [expiry] : [])).toBe(0);
      const taken = chainExpiry({ store, keptDays: every + 1 }, sortHistory(verified), plan, late);
      expect(expiryWarningSeconds(taken ? [taken] : [])).toBe(0);
    }),
  );
});
