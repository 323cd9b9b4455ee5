import type { RunSchedule, TaskManifest } from '../contract';
import { TimeOfDay, spread } from '../units';

export type WindowTimes = Pick<TaskManifest['window'], 'start' | 'end' | 'timeZone'>;

/** What follows the window is spread over this long, so that not all of it starts at once. */
export const SPREAD_MINUTES = 120;
const DAY_MINUTES = 1440;

/**
 * Once a day after the window's end, at a minute that a hash of data set and work gives: another task moves none.
 * `later` is when all that begins at once has begun.
 */
export function afterWindow(
  { end, timeZone }: WindowTimes,
  name: string,
  work: string,
  begins: 'at once' | 'later' = 'at once',
): RunSchedule {
  const first = minutesOf(end) + (begins === 'later' ? SPREAD_MINUTES : 0);
  const at = TimeOfDay.minutes(first + offset(name, work)).toString();
  return { kind: 'calendar', at, timeZone, days: { kind: 'all' } };
}

/** Seconds from the window's start to that minute, on a day without a change of clocks. */
export function delayAfterStart({ start, end }: WindowTimes, name: string, work: string): number {
  const length = (minutesOf(end) - minutesOf(start) + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
  return (length + offset(name, work)) * 60;
}

function offset(name: string, work: string): number {
  return spread(`${name} ${work}`, SPREAD_MINUTES);
}

function minutesOf(text: string): number {
  return TimeOfDay.parse(text)?.minutes ?? 0;
}
