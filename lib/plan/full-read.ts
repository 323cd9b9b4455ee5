import type { RunSchedule, TaskManifest } from '../contract';
import { TimeOfDay, WEEKDAYS, spread } from '../units';
import type { Cadence } from '../units';
import { SPREAD_MINUTES, minuteAfter } from './after-window';
import { frequencyOf } from './slots';
import type { Window } from './slots';

export { LONGEST_FULL_READ_SECONDS } from '../contract/full-read';

/** Days that every month has. */
const MONTH_DAYS = 28;

/**
 * When all that is kept of a data set is read again, in every cloud that holds it: after what follows the window at once
 * (pruning, copies) has begun, at a minute that exists once on every date, on a day and minute that hashes of the name
 * give: another data set moves neither. Never more than once a day, since it starts after the window.
 */
export function fullReadOf(cadence: Cadence, window: Window, name: string): RunSchedule {
  return wellAfterWindow(cadence, window, `${name} verify`);
}

/** The same for any work: `seed` is the name of the data set and the work. */
export function wellAfterWindow(cadence: Cadence, { end, timeZone }: Window, seed: string): RunSchedule {
  const first = end.minutes + SPREAD_MINUTES;
  return {
    kind: 'calendar',
    at: TimeOfDay.minutes(first + minuteAfter(first, timeZone, seed)).toString(),
    timeZone,
    days: daysOf(frequencyOf(cadence).kind, `${seed} day`),
  };
}

function daysOf(
  kind: ReturnType<typeof frequencyOf>['kind'],
  name: string,
): Extract<RunSchedule, { kind: 'calendar' }>['days'] {
  if (kind === 'weekly') return { kind: 'weekdays', weekdays: [WEEKDAYS[spread(name, WEEKDAYS.length)] ?? 'sunday'] };
  return kind === 'monthly' ? { kind: 'month_day', monthDay: 1 + spread(name, MONTH_DAYS) } : { kind: 'all' };
}

/** Paths of the spec that decide it. */
export function fullReadPaths({ from }: TaskManifest['validation']): string[] {
  return from.filter((one) => one.startsWith('backup.'));
}
