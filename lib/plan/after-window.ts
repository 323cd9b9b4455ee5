import type { RunSchedule, TaskManifest } from '../contract';
import { TimeOfDay, spread } from '../units';
import { startableRanges } from './slots';

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
  const at = TimeOfDay.minutes(first + minuteAfter(first, timeZone, `${name} ${work}`)).toString();
  return { kind: 'calendar', at, timeZone, days: { kind: 'all' } };
}

/** Seconds from the window's start to that minute, on a day without a change of clocks. */
export function delayAfterStart({ start, end, timeZone }: WindowTimes, name: string, work: string): number {
  const last = minutesOf(end);
  const length = (last - minutesOf(start) + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
  return (length + minuteAfter(last, timeZone, `${name} ${work}`)) * 60;
}

/** Minutes after `first` by a hash of the seed, among those of the spread that exist once on every date. */
export function minuteAfter(first: number, timeZone: string, seed: string): number {
  const ranges = startableRanges({
    start: TimeOfDay.minutes(first),
    end: TimeOfDay.minutes(first + SPREAD_MINUTES),
    timeZone,
  });
  const count = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  let left = spread(seed, count);
  for (const { from, to } of ranges) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  return 0;
}

function minutesOf(text: string): number {
  return TimeOfDay.parse(text)?.minutes ?? 0;
}
