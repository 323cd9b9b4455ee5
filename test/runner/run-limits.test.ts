import fc from 'fast-check';
import type { RunSchedule } from '../../lib/contract';
import { runLimits } from '../../lib/runner/run-limits';
import { windowAround } from '../../lib/runner/window';
import { nextOccurrence, occurrences } from '../../lib/units';
import { plannedRun } from './fake-run';

const BERLIN = { id: 'w', from: [], start: '02:00', end: '05:00', timeZone: 'Europe/Berlin' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const calendar = (at: string, days: Extract<RunSchedule, { kind: 'calendar' }>['days'] = { kind: 'all' }) =>
  ({ kind: 'calendar', at, timeZone: 'Europe/Berlin', days }) as const;
const DAILY = plannedRun({ schedule: calendar('03:15') });
const WEEKLY = plannedRun({ schedule: calendar('03:15', { kind: 'weekdays', weekdays: ['sunday'] }) });
const LOGS = plannedRun({
  type: 'log',
  schedule: { kind: 'interval', everySeconds: 900, offsetSeconds: 120 },
  expectedSeconds: 300,
});
const INCREMENT = plannedRun({ type: 'incremental', schedule: calendar('04:00') });

interface Asked {
  readonly runs?: readonly ReturnType<typeof plannedRun>[];
  readonly window?: typeof BERLIN;
  readonly hardStop?: boolean;
  readonly run?: ReturnType<typeof plannedRun>;
  readonly slot: string;
  readonly start?: string;
}

function limits({ run = DAILY, runs = [run], window = BERLIN, hardStop = false, slot, start = slot }: Asked) {
  const found = runLimits({ runs, window, hardStop }, run, { slot: new Date(slot), start: new Date(start) });
  const { expectedEnd, hardStop: stop } = found;
  return [expectedEnd, stop?.at, stop?.before.moment]
    .map((date) => date?.toISOString().slice(0, 19))
    .concat(stop?.before.kind);
}

it('a scheduled run is late at the end of its window, and ends five minutes before the next slot of its type', () => {
  expect(limits({ slot: '2027-01-12T02:15Z' })).toEqual([
    '2027-01-12T04:00:00',
    '2027-01-13T02:10:00',
    '2027-01-13T02:15:00',
    'slot',
  ]);
});

it('other types do not end it, and other runs of its type do', () => {
  const slot = '2027-01-10T02:15Z';
  expect(limits({ run: WEEKLY, runs: [WEEKLY, INCREMENT, LOGS], slot })[2]).toBe('2027-01-17T02:15:00');
  const others = plannedRun({ schedule: calendar('03:15', { kind: 'weekdays', weekdays: ['monday', 'tuesday'] }) });
  expect(limits({ run: WEEKLY, runs: [WEEKLY, others], slot })[2]).toBe('2027-01-11T02:15:00');
});

it('follows the clock of its zone over both changes', () => {
  // Clocks go forward on March 28, 2027: the window loses an hour, and so does the day.
  expect(limits({ slot: '2027-03-27T02:15Z' }).slice(0, 3)).toEqual([
    '2027-03-27T04:00:00',
    '2027-03-28T01:10:00',
    '2027-03-28T01:15:00',
  ]);
  expect(limits({ slot: '2027-03-28T01:15Z' })[0]).toBe('2027-03-28T03:00:00');
  // And back on October 31.
  expect(limits({ slot: '2027-10-30T01:15Z' }).slice(0, 3)).toEqual([
    '2027-10-30T03:00:00',
    '2027-10-31T02:10:00',
    '2027-10-31T02:15:00',
  ]);
});

it('knows windows over midnight, on both of their dates, and windows of a whole day', () => {
  const window = { ...BERLIN, start: '22:00', end: '04:00' };
  expect(limits({ window, slot: '2027-01-12T22:30Z' })[0]).toBe('2027-01-13T03:00:00');
  expect(limits({ window, slot: '2027-01-12T21:30Z' })[0]).toBe('2027-01-13T03:00:00');
  expect(limits({ window, slot: '2027-01-13T02:30Z' })[0]).toBe('2027-01-13T03:00:00');
  const whole = { ...BERLIN, start: '03:00', end: '03:00' };
  expect(limits({ window: whole, slot: '2027-01-12T20:00Z' })[0]).toBe('2027-01-13T02:00:00');
});

it('a run at intervals is late after half of one, and ends shortly before the next', () => {
  expect(limits({ run: LOGS, slot: '2027-01-12T12:02Z' })).toEqual([
    '2027-01-12T12:09:30',
    '2027-01-12T12:16:15',
    '2027-01-12T12:17:00',
    'slot',
  ]);
  const hardStop = limits({ run: LOGS, hardStop: true, slot: '2027-01-12T03:47Z' });
  expect(hardStop[3]).toBe('slot');
});

it('with hard_stop ends at the end of its window', () => {
  expect(limits({ hardStop: true, slot: '2027-01-12T02:15Z' })).toEqual([
    '2027-01-12T04:00:00',
    '2027-01-12T04:00:00',
    '2027-01-12T04:00:00',
    'window end',
  ]);
});

it('with hard_stop, by hand or late and outside of the window, ends before the next slot and not at once', () => {
  const slot = '2027-01-12T13:00Z';
  expect(limits({ hardStop: true, slot })).toEqual([
    '2027-01-12T16:00:00',
    '2027-01-13T02:10:00',
    '2027-01-13T02:15:00',
    'slot',
  ]);
  expect(limits({ hardStop: true, slot: '2027-01-12T02:15Z', start: slot })[1]).toBe('2027-01-13T02:10:00');
});

it('a run by hand so close to a slot that it could not end before takes its place', () => {
  expect(limits({ slot: '2027-01-12T01:40Z' })[2]).toBe('2027-01-12T02:15:00');
  expect(limits({ slot: '2027-01-12T01:50Z' })[2]).toBe('2027-01-13T02:15:00');
  // A run of logs that waited for its turn.
  expect(limits({ run: LOGS, slot: '2027-01-12T12:02Z', start: '2027-01-12T12:11Z' })[2]).toBe('2027-01-12T12:17:00');
  expect(limits({ run: LOGS, slot: '2027-01-12T12:02Z', start: '2027-01-12T12:13Z' })[2]).toBe('2027-01-12T12:32:00');
});

it('a run that is expected to take longer than the time between two slots is no reason to skip them all', () => {
  const long = plannedRun({ schedule: calendar('03:15'), expectedSeconds: 100 * 3600 });
  expect(limits({ run: long, slot: '2027-01-12T02:15Z' })[2]).toBe('2027-01-13T02:15:00');
});

it('has no hard stop where nothing of its type follows', () => {
  const never = plannedRun({ schedule: calendar('03:15', { kind: 'weekdays', weekdays: [] }) });
  expect(limits({ run: never, slot: '2027-01-12T02:15Z' })[1]).toBeUndefined();
});

const ZONES = ['Europe/Berlin', 'UTC', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu'];
const clock = fc.integer({ min: 0, max: 1439 }).map((minutes) => {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
});
const zone = fc.constantFrom(...ZONES);
const moment = fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
const schedule = (timeZone: string): fc.Arbitrary<RunSchedule> =>
  fc.oneof(
    fc.record({
      kind: fc.constant('calendar' as const),
      at: clock,
      timeZone: fc.constant(timeZone),
      days: fc.oneof(
        fc.constant({ kind: 'all' } as const),
        fc.record({
          kind: fc.constant('weekdays' as const),
          weekdays: fc.subarray(['monday', 'wednesday', 'sunday'] as const, { minLength: 1 }),
        }),
        fc.record({ kind: fc.constant('month_day' as const), monthDay: fc.integer({ min: 1, max: 29 }) }),
      ),
    }),
    fc.record({
      kind: fc.constant('interval' as const),
      everySeconds: fc.constantFrom(60, 900, 3600, 43_200, 86_400),
      offsetSeconds: fc.integer({ min: 0, max: 59 }),
    }),
  );

it('a window contains the moments that are said to be in it, and is as long as the clock says or one change away', () => {
  fc.assert(
    fc.property(zone, clock, clock, moment, (timeZone, start, end, at) => {
      const open = windowAround({ start, end, timeZone }, at);
      if (!open) return;
      expect(open.opens <= at && at < open.closes).toBe(true);
      const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
      const length = ((minutes(end) - minutes(start) + 1440) % 1440 || 1440) * MINUTE;
      expect(Math.abs(open.closes.getTime() - open.opens.getTime() - length)).toBeLessThanOrEqual(HOUR);
      // The same opening seen from its first and last moment.
      expect(windowAround({ start, end, timeZone }, open.opens)).toEqual(open);
      const last = windowAround({ start, end, timeZone }, new Date(open.closes.getTime() - 1));
      expect(last?.closes).toEqual(open.closes);
    }),
    { numRuns: 500 },
  );
});

it('every scheduled run on time ends before the next slot of its type, by a margin, and not sooner', () => {
  fc.assert(
    fc.property(
      zone.chain((timeZone) => fc.tuple(fc.constant(timeZone), schedule(timeZone), schedule(timeZone))),
      fc.tuple(clock, clock),
      moment,
      fc.integer({ min: 1, max: 200_000 }),
      ([timeZone, one, other], [start, end], at, expectedSeconds) => {
        const run = plannedRun({ schedule: one, expectedSeconds });
        const task = { runs: [run, plannedRun({ type: 'log', schedule: other })], hardStop: false };
        const slot = nextOccurrence(one, at);
        if (!slot) throw new Error('every schedule here has a next start');
        const window = { ...BERLIN, start, end, timeZone };
        const found = runLimits({ ...task, window }, run, { slot, start: slot });
        expect(found.expectedEnd > slot).toBe(true);
        const stop = found.hardStop!;
        const between = [...occurrences(one, new Date(slot.getTime() + 1), stop.at)];
        expect(between).toEqual([]);
        expect(stop.before.moment).toEqual(nextOccurrence(one, slot));
        const margin = (stop.before.moment.getTime() - stop.at.getTime()) / 1000;
        expect(margin).toBeGreaterThanOrEqual(10);
        expect(margin).toBeLessThanOrEqual(300);
        expect(stop.at > slot).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

it('whenever a run starts, it has the time that it is expected to need, or half of what is between two slots', () => {
  fc.assert(
    fc.property(
      zone.chain(schedule),
      moment,
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 60, max: 50_000 }),
      (when, at, late, expectedSeconds) => {
        const run = plannedRun({ schedule: when, expectedSeconds });
        const start = new Date(at.getTime() + late * 1000);
        const { hardStop } = runLimits({ runs: [run], window: BERLIN, hardStop: false }, run, { slot: at, start });
        const left = (hardStop!.before.moment.getTime() - start.getTime()) / 1000;
        const next = nextOccurrence(when, start)!;
        const between = (nextOccurrence(when, next)!.getTime() - next.getTime()) / 1000;
        expect(left).toBeGreaterThanOrEqual(Math.min(expectedSeconds, between / 2));
        expect(hardStop!.at > start).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
