import { automationRecurrences, earliestStart, firstStartName, offsetsLocal } from '../../lib/azure/automation-start';
import type { RunSchedule } from '../../lib/contract/task';

const calendar = (
  days: Extract<RunSchedule, { kind: 'calendar' }>['days'],
  timeZone = 'Europe/Berlin',
): RunSchedule => ({
  kind: 'calendar',
  at: '03:10',
  timeZone,
  days,
});
const parts = (schedule: RunSchedule) => automationRecurrences(schedule).map(({ startTime: _, ...rest }) => rest);

test.each([
  [{ kind: 'all' } as const, { frequency: 'Day' }],
  [{ kind: 'weekdays', weekdays: ['sunday'] } as const, { frequency: 'Week', weekDays: ['Sunday'] }],
  [{ kind: 'month_day', monthDay: 3 } as const, { frequency: 'Month', monthDays: [3] }],
])('%j in the zone of the window, by its IANA name', (days, expected) => {
  expect(parts(calendar(days))).toEqual([{ interval: 1, timezone: 'Europe/Berlin', ...expected }]);
});

test('all days of the month but one', () => {
  const [only] = parts(calendar({ kind: 'not_month_day', monthDay: 1 }));
  expect(only?.monthDays).toEqual(Array.from({ length: 30 }, (_, index) => index + 2));
});

test('logs every quarter of an hour are four schedules, since an hour is the shortest interval', () => {
  const recurrences = automationRecurrences({ kind: 'interval', everySeconds: 900, offsetSeconds: 240 });
  expect(recurrences.map(({ frequency, interval, timezone }) => [frequency, interval, timezone])).toEqual(
    Array(4).fill(['Hour', 1, 'Etc/UTC']),
  );
  expect(recurrences.map(({ startTime }) => /T(\d\d:\d\d):00\$/.exec(startTime)?.[1])).toEqual([
    '00:04',
    '00:19',
    '00:34',
    '00:49',
  ]);
});

test('six hours are one schedule', () => {
  const [only, ...others] = automationRecurrences({ kind: 'interval', everySeconds: 21_600, offsetSeconds: 3660 });
  expect([only?.frequency, only?.interval, others.length]).toEqual(['Hour', 6, 0]);
  expect(only?.startTime).toContain('T01:01:00');
});

test('the first start is in two days, at the time of the clock, with the offset that the clock has then', () => {
  const [only] = automationRecurrences(calendar({ kind: 'all' }, 'America/St_Johns'));
  const day = 'formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "48h"))';
  expect(only?.startTime).toBe(
    `\${${day}}T03:10:00\${reverse([for one in local.offsets_america_st_johns : one.offset if timecmp(one.since, format("%sT03:10:00Z", ${day})) <= 0])[0]}`,
  );
});

test('the offsets of a zone are known for twenty years, under a name that Terraform takes', () => {
  const { name, value } = offsetsLocal('America/Argentina/ComodRivadavia');
  expect(name).toBe('offsets_america_argentina_comodrivadavia');
  expect(value).toEqual([{ since: '2026-01-01T00:00:00Z', offset: '-03:00' }]);
  expect(offsetsLocal('Europe/Berlin').value.at(-1)?.since).toMatch(/^2045-10-/);
});

test('the first of several schedules is what a flow waits for, whatever offset the service writes it with', () => {
  // In Terraform's console: +01:00 of 21:42 is 20:42Z, -05:30 of 00:10 is 05:40Z, and Z stays.
  expect(earliestStart(['azurerm_automation_schedule.a', 'azurerm_automation_schedule.b'])).toBe(
    '${sort([for at in [azurerm_automation_schedule.a.start_time, azurerm_automation_schedule.b.start_time] : ' +
      'timeadd(format("%sZ", substr(at, 0, 19)), length(at) == 20 ? "0s" : ' +
      'format("%s%sh%sm", substr(at, 19, 1) == "+" ? "-" : "", substr(at, 20, 2), substr(at, 23, 2)))])[0]}',
  );
  expect(firstStartName('erp-2-full')).toBe('first_start_erp_2_full');
});
