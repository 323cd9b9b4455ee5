import fc from 'fast-check';
import { nextOccurrence, occurrences, scheduleText } from '../../lib/units';
import type { Schedule } from '../../lib/units';

const berlin = (at: string, days: Extract<Schedule, { kind: 'calendar' }>['days'] = { kind: 'all' }): Schedule => ({
  kind: 'calendar',
  at,
  timeZone: 'Europe/Berlin',
  days,
});
const starts = (schedule: Schedule, from: string, to: string) =>
  [...occurrences(schedule, new Date(from), new Date(to))].map((date) => date.toISOString().slice(0, 16));

test('a time of the clock follows the clock', () => {
  expect(starts(berlin('03:30'), '2027-03-27T00:00Z', '2027-03-30T00:00Z')).toEqual([
    '2027-03-27T02:30',
    '2027-03-28T01:30',
    '2027-03-29T01:30',
  ]);
});

test('a time that a date skips is no start, and one that occurs twice is the first', () => {
  expect(starts(berlin('02:30'), '2027-03-27T00:00Z', '2027-03-30T00:00Z')).toEqual([
    '2027-03-27T01:30',
    '2027-03-29T00:30',
  ]);
  expect(starts(berlin('02:30'), '2027-10-31T00:00Z', '2027-11-01T00:00Z')).toEqual(['2027-10-31T00:30']);
});

test.each([
  [{ kind: 'weekdays', weekdays: ['sunday'] }, ['2026-11-22', '2026-11-29']],
  [{ kind: 'month_day', monthDay: 24 }, ['2026-11-24']],
  [{ kind: 'weekdays', weekdays: ['monday', 'friday'] }, ['2026-11-23', '2026-11-27', '2026-11-30']],
] as const)('days %j', (days, dates) => {
  const made = starts(berlin('12:00', days), '2026-11-22T00:00Z', '2026-12-01T00:00Z');
  expect(made.map((one) => one.slice(0, 10))).toEqual(dates);
});

test('every day but one of the month', () => {
  const made = starts(
    berlin('12:00', { kind: 'not_month_day', monthDay: 24 }),
    '2026-11-23T00:00Z',
    '2026-11-26T00:00Z',
  );
  expect(made.map((one) => one.slice(8, 10))).toEqual(['23', '25']);
});

test('intervals are counted in UTC from midnight, whatever clocks do', () => {
  const schedule: Schedule = { kind: 'interval', everySeconds: 6 * 3600, offsetSeconds: 420 };
  expect(starts(schedule, '2027-03-28T00:00Z', '2027-03-28T18:07Z')).toEqual([
    '2027-03-28T00:07',
    '2027-03-28T06:07',
    '2027-03-28T12:07',
  ]);
});

test('the next start is after the moment, and is one of the starts', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Schedule>(berlin('03:30'), berlin('23:59', { kind: 'month_day', monthDay: 28 }), {
        kind: 'interval',
        everySeconds: 900,
        offsetSeconds: 60,
      }),
      fc.date({ min: new Date('2026-01-01'), max: new Date('2036-01-01'), noInvalidDate: true }),
      (schedule, moment) => {
        const next = nextOccurrence(schedule, moment);
        expect(next && next > moment).toBe(true);
        const [first] = occurrences(schedule, new Date(moment.getTime() + 1), new Date((next?.getTime() ?? 0) + 1));
        expect(first).toEqual(next);
      },
    ),
  );
});

test.each([
  [berlin('03:00'), 'daily 03:00'],
  [berlin('03:00', { kind: 'weekdays', weekdays: ['sunday'] }), 'sun 03:00'],
  [
    berlin('03:00', {
      kind: 'weekdays',
      weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
    }),
    'mon-sat 03:00',
  ],
  [
    berlin('03:00', {
      kind: 'weekdays',
      weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'saturday', 'sunday'],
    }),
    'sat-thu 03:00',
  ],
  [berlin('03:00', { kind: 'weekdays', weekdays: ['monday', 'wednesday', 'saturday'] }), 'mon wed sat 03:00'],
  [berlin('03:00', { kind: 'month_day', monthDay: 2 }), 'day 2 03:00'],
  [{ kind: 'interval', everySeconds: 900, offsetSeconds: 0 } as Schedule, 'every 15m'],
])('%j reads %s', (schedule, text) => {
  expect(scheduleText(schedule)).toBe(text);
});
