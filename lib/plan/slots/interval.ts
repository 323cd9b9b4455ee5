import { offsetMinutes, spread } from '../../units';
import type { Window } from './window';

const DAY = 1440;

export interface IntervalRun {
  /** Name of the data set and of the run. */
  readonly seed: string;
  readonly everySeconds: number;
  /** Minutes that a run is expected to take. */
  readonly minutes: number;
}

/**
 * Seconds after midnight in UTC at which runs by an interval begin, by a hash. One that shares its lock with runs of the
 * calendar begins where none of these would start while it is expected to be under way: a full that finds the lock held
 * is not taken before the next week, while an increment that finds a full under way misses nothing. Where no minute is so,
 * and for intervals that begin at another hour each day, the hash alone decides.
 * @param starts - minutes of the day at which those begin, on the clock of the window's zone
 */
export function intervalOffset(run: IntervalRun, starts: readonly number[], { timeZone }: Window): number {
  const every = run.everySeconds / 60;
  const all = Array.from({ length: every }, (_, minute) => minute);
  const utc = DAY % every === 0 ? inUtc(starts, timeZone) : [];
  const free = all.filter((minute) => utc.every((start) => modulo(start - minute, every) >= run.minutes));
  const minutes = free.length > 0 ? free : all;
  return (minutes[spread(run.seed, minutes.length)] ?? 0) * 60;
}

function inUtc(starts: readonly number[], timeZone: string): readonly number[] {
  return starts.flatMap((start) => offsetMinutes(timeZone).map((offset) => start - offset));
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
