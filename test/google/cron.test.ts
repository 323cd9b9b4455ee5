import type { RunSchedule } from '../../lib/contract/task';
import { cronOf } from '../../lib/google/cron';
import { occurrences } from '../../lib/units';

const at = (days: Extract<RunSchedule, { kind: 'calendar' }>['days'], timeZone = 'Europe/Berlin'): RunSchedule => ({
  kind: 'calendar',
  at: '03:07',
  timeZone,
  days,
});
const every = (minutes: number, offset: number): RunSchedule => ({
  kind: 'interval',
  everySeconds: minutes * 60,
  offsetSeconds: offset * 60,
});

test.each([
  [at({ kind: 'all' }), '7 3 * * *', 'Europe/Berlin'],
  [at({ kind: 'weekdays', weekdays: ['sunday'] }), '7 3 * * 0', 'Europe/Berlin'],
  [at({ kind: 'weekdays', weekdays: ['monday', 'friday'] }), '7 3 * * 1,5', 'Europe/Berlin'],
  [at({ kind: 'month_day', monthDay: 28 }), '7 3 28 * *', 'Europe/Berlin'],
  [at({ kind: 'not_month_day', monthDay: 1 }), '7 3 2-31 * *', 'Europe/Berlin'],
  [at({ kind: 'not_month_day', monthDay: 2 }), '7 3 1,3-31 * *', 'Europe/Berlin'],
  [at({ kind: 'not_month_day', monthDay: 15 }), '7 3 1-14,16-31 * *', 'Europe/Berlin'],
  [every(15, 4), '4,19,34,49 * * * *', 'UTC'],
  [every(60, 42), '42 * * * *', 'UTC'],
  [every(360, 70), '10 1,7,13,19 * * *', 'UTC'],
  [every(1, 0), `${[...Array(60).keys()].join(',')} * * * *`, 'UTC'],
])('%j', (schedule, expression, timeZone) => {
  expect(cronOf(schedule)).toEqual({ schedule: expression, timeZone });
});

const MINUTE = 60_000;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Minute, hour, day, month and day of the week on the clock of a zone; asked once, since that is what takes time. */
function clockOf(timeZone: string): (time: number) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ minute: 'numeric', hour: 'numeric', day: 'numeric', month: 'numeric', weekday: 'short' },
  });
  return (time) => {
    const asked = known.get(time);
    if (asked) return asked;
    const parts = new Map(clock.formatToParts(time).map(({ type, value }) => [type, value]));
    const values = ['minute', 'hour', 'day', 'month'].map((type) => Number(parts.get(type as 'minute')));
    const all = [...values, WEEKDAYS.indexOf(parts.get('weekday') ?? '')];
    known.set(time, all);
    return all;
  };
}

/** Minutes of a span at which the expression matches the clock of its zone. */
function starts({ schedule }: ReturnType<typeof cronOf>, clock: ReturnType<typeof clockOf>, from: Date, to: Date) {
  const fields = schedule.split(' ').map(setOf);
  const found: string[] = [];
  for (let time = from.getTime(); time < to.getTime(); time += MINUTE) {
    if (clock(time).every((value, index) => fields[index]?.(value))) found.push(new Date(time).toISOString());
  }
  return found;
}

function setOf(field: string): (value: number) => boolean {
  if (field === '*') return () => true;
  const ranges = field.split(',').map((part) => part.split('-').map(Number));
  return (value) => ranges.some(([low = 0, high = low]) => low <= value && value <= high);
}

const SCHEDULES = (zone: string): readonly RunSchedule[] => [
  at({ kind: 'all' }, zone),
  at({ kind: 'weekdays', weekdays: ['sunday'] }, zone),
  at({ kind: 'weekdays', weekdays: ['monday', 'tuesday', 'saturday'] }, zone),
  at({ kind: 'month_day', monthDay: 29 }, zone),
  at({ kind: 'not_month_day', monthDay: 29 }, zone),
  every(15, 12),
  every(240, 61),
];

/** Around the days on which clocks change, in zones that change them by an hour, by half of one, at midnight or never. */
test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kolkata'])(
  'the scheduler starts at the dates of the plan, and at no others: %s',
  (zone) => {
    const spans = ['2026-03-07', '2026-03-28', '2026-04-04', '2026-09-05', '2026-10-03', '2026-10-24', '2026-10-31'];
    const clocks = { [zone]: clockOf(zone), UTC: clockOf('UTC') };
    for (const first of spans) {
      const from = new Date(`${first}T00:00:00Z`);
      const to = new Date(from.getTime() + 3 * 1440 * MINUTE);
      for (const schedule of SCHEDULES(zone)) {
        const planned = [...occurrences(schedule, from, to)].map((date) => date.toISOString());
        const cron = cronOf(schedule);
        expect(starts(cron, clocks[cron.timeZone] ?? clockOf(cron.timeZone), from, to)).toEqual(planned);
      }
    }
  },
);
