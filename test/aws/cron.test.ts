import { cronOf } from '../../lib/aws/cron';
import type { RunSchedule } from '../../lib/contract/task';

const at = (days: Extract<RunSchedule, { kind: 'calendar' }>['days']): RunSchedule => ({
  kind: 'calendar',
  at: '03:07',
  timeZone: 'Europe/Berlin',
  days,
});
const every = (minutes: number, offset: number): RunSchedule => ({
  kind: 'interval',
  everySeconds: minutes * 60,
  offsetSeconds: offset * 60,
});

test.each([
  [at({ kind: 'all' }), 'cron(7 3 * * ? *)', 'Europe/Berlin'],
  [at({ kind: 'weekdays', weekdays: ['sunday'] }), 'cron(7 3 ? * SUN *)', 'Europe/Berlin'],
  [at({ kind: 'weekdays', weekdays: ['monday', 'friday'] }), 'cron(7 3 ? * MON,FRI *)', 'Europe/Berlin'],
  [at({ kind: 'month_day', monthDay: 28 }), 'cron(7 3 28 * ? *)', 'Europe/Berlin'],
  [at({ kind: 'not_month_day', monthDay: 1 }), 'cron(7 3 2-31 * ? *)', 'Europe/Berlin'],
  [at({ kind: 'not_month_day', monthDay: 15 }), 'cron(7 3 1-14,16-31 * ? *)', 'Europe/Berlin'],
  [every(15, 4), 'cron(4,19,34,49 * * * ? *)', 'UTC'],
  [every(60, 42), 'cron(42 * * * ? *)', 'UTC'],
  [every(360, 70), 'cron(10 1,7,13,19 * * ? *)', 'UTC'],
  [every(1, 0), `cron(${[...Array(60).keys()].join(',')} * * * ? *)`, 'UTC'],
])('%j', (schedule, expression, timeZone) => {
  expect(cronOf(schedule)).toEqual({ expression, timeZone });
});
