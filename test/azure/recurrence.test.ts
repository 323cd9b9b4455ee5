import fc from 'fast-check';
import { recurrenceOf } from '../../lib/azure/recurrence';
import type { RunSchedule } from '../../lib/contract/task';
import { occurrences } from '../../lib/units';

test('a weekly run is of the days of its clock, by the name that Windows has for it', () => {
  const schedule: RunSchedule = {
    kind: 'calendar',
    at: '03:10',
    timeZone: 'Europe/Berlin',
    days: { kind: 'weekdays', weekdays: ['sunday', 'monday'] },
  };
  expect(recurrenceOf(schedule, 'W. Europe Standard Time')).toEqual({
    frequency: 'Week',
    interval: 1,
    startTime: '2026-01-01T00:00:00Z',
    timeZone: 'W. Europe Standard Time',
    schedule: { atTheseHours: [3], atTheseMinutes: [10], onTheseDays: ['Sunday', 'Monday'] },
  });
});

test.each([[{ kind: 'all' }], [{ kind: 'month_day', monthDay: 1 }], [{ kind: 'not_month_day', monthDay: 1 }]] as const)(
  '%j is every day: the flow looks at the date',
  (days) => {
    const schedule: RunSchedule = { kind: 'calendar', at: '00:05', timeZone: 'UTC', days };
    expect(recurrenceOf(schedule, 'UTC')).toMatchObject({
      frequency: 'Day',
      schedule: { atTheseHours: [0], atTheseMinutes: [5] },
    });
  },
);

test('intervals count from their offset, in UTC, as the plan counts them', () => {
  const divisors = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 360, 720].map((minutes) => minutes * 60);
  fc.assert(
    fc.property(fc.constantFrom(...divisors), fc.nat({ max: 719 }), (everySeconds, minutes) => {
      const schedule: RunSchedule = { kind: 'interval', everySeconds, offsetSeconds: (minutes * 60) % everySeconds };
      const { frequency, interval, startTime, timeZone } = recurrenceOf(schedule, 'UTC');
      expect([frequency, timeZone]).toEqual(['Minute', undefined]);
      const from = new Date('2027-03-01T00:00:00Z');
      const [first] = occurrences(schedule, from, new Date('2027-03-02T00:00:00Z'));
      const since = (first?.getTime() ?? NaN) - Date.parse(startTime);
      expect(since % (interval * 60_000)).toBe(0);
    }),
  );
});
