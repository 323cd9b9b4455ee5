import { WEEKDAYS } from './cadence';
import type { Weekday } from './cadence';
import { Duration } from './duration';
import type { Days, Schedule } from './schedule';

/** A schedule for people: `sun 04:12`, `mon-sat 04:42`, `day 15 22:10`, `every 15m`. */
export function scheduleText(schedule: Schedule): string {
  if (schedule.kind === 'interval') return `every ${Duration.seconds(schedule.everySeconds)}`;
  return `${daysText(schedule.days)} ${schedule.at}`;
}

function daysText(days: Days): string {
  switch (days.kind) {
    case 'all':
      return 'daily';
    case 'month_day':
      return `day ${days.monthDay}`;
    case 'not_month_day':
      return `daily but day ${days.monthDay}`;
    case 'weekdays':
      return weekdaysText(days.weekdays);
  }
}

/** Ranges go round the end of the week: `wed-mon`. */
function weekdaysText(weekdays: readonly Weekday[]): string {
  const short = (day: Weekday | undefined) => (day ?? '').slice(0, 3);
  const isOn = (index: number) => weekdays.includes(WEEKDAYS[(index + 7) % 7] ?? 'sunday');
  if (weekdays.length === 7) return 'daily';
  const first = WEEKDAYS.findIndex((_, index) => isOn(index) && !isOn(index - 1));
  const inOrder = WEEKDAYS.map((_, index) => WEEKDAYS[(first + index) % 7]);
  const run = inOrder.findIndex((day) => !day || !weekdays.includes(day));
  const whole = weekdays.length > 2 && run === weekdays.length;
  return whole
    ? `${short(inOrder[0])}-${short(inOrder[run - 1])}`
    : WEEKDAYS.filter((day) => weekdays.includes(day))
        .map(short)
        .join(' ');
}
