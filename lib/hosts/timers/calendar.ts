import type { RunSchedule } from '../../contract';

type Calendar = Extract<RunSchedule, { kind: 'calendar' }>;

const DAY_SECONDS = 86_400;

/**
 * A schedule of the plan as timers of systemd have it, in its zone: systemd follows the changes of the zone's clock.
 * Intervals divide a day and count in UTC.
 * @returns what stands after `OnCalendar=`
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html#Calendar%20Events
 */
export function onCalendar(schedule: RunSchedule): readonly string[] {
  if (schedule.kind === 'calendar') {
    const { weekdays, dates } = daysOf(schedule.days);
    return [`${weekdays}*-*-${dates} ${schedule.at}:00 ${schedule.timeZone}`];
  }
  const { everySeconds, offsetSeconds } = schedule;
  const count = Math.max(1, Math.floor(DAY_SECONDS / everySeconds));
  const starts = Array.from({ length: count }, (_, index) => (offsetSeconds % everySeconds) + index * everySeconds);
  // One line for each second of an hour at which something starts, however many hours have it.
  const hours = new Map<number, number[]>();
  for (const start of starts) {
    const within = start % 3600;
    hours.set(within, [...(hours.get(within) ?? []), Math.floor(start / 3600)]);
  }
  return [...hours].map(([within, list]) => {
    const [minute, second] = [Math.floor(within / 60), within % 60].map((value) => String(value).padStart(2, '0'));
    const every = list.length === 24 ? '*' : list.map((hour) => String(hour).padStart(2, '0')).join(',');
    return `*-*-* ${every}:${minute}:${second} UTC`;
  });
}

function daysOf(days: Calendar['days']): { readonly weekdays: string; readonly dates: string } {
  switch (days.kind) {
    case 'all':
      return { weekdays: '', dates: '*' };
    case 'weekdays':
      return { weekdays: `${days.weekdays.map((day) => day.slice(0, 3)).join(',')} `, dates: '*' };
    case 'month_day':
      return { weekdays: '', dates: twoDigits(days.monthDay) };
    case 'not_month_day':
      return { weekdays: '', dates: otherDates(days.monthDay) };
  }
}

function otherDates(day: number): string {
  const before = day > 1 ? [`01..${twoDigits(day - 1)}`] : [];
  return [...before, `${twoDigits(day + 1)}..31`].join(',');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
