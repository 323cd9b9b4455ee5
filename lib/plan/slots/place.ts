import { WEEKDAYS, TimeOfDay, spread } from '../../units';
import type { Days, Schedule, Weekday } from '../../units';
import { intervalOffset } from './interval';
import { startableRanges, windowMinutes } from './window';
import type { MinuteRange, Window } from './window';
import type { Frequency } from './frequency';

/** A run of a data set before it has a start. */
export interface Unplaced {
  readonly id: string;
  readonly frequency: Frequency;
  /** Days of the calendar on which the window opens for it; not used by intervals. */
  readonly days: Days;
  readonly expectedSeconds: number;
  /** Log runs have a lock of their own and stand in no chain. */
  readonly chained: boolean;
}

export interface Placement {
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** Minutes that the longest chain of one date takes, and that the window has for it, when it does not fit. */
  readonly tooSmall: { readonly needed: number; readonly left: number } | undefined;
}

const DAY = 1440;

/**
 * The starts of one data set. Its first start is a hash of its name over what the window leaves, so that another data
 * set moves nothing here; runs that may fall on one date follow each other by their expected durations. Runs by
 * intervals start round the clock, and keep clear of the starts of those that share their lock.
 */
export function place(dataSet: string, runs: readonly Unplaced[], window: Window): Placement {
  const schedules = new Map<string, Schedule>();
  const chain = runs.filter((run) => run.chained && run.frequency.kind !== 'interval');
  const offsets = chainOffsets(chain);
  const steps = chain.map((run) => ({
    offset: offsets.get(run.id) ?? 0,
    minutes: minutesOf(run),
  }));
  const start = startOf(dataSet, steps, chain, window);
  const minuteOf = (run: Unplaced) => snap(start + (offsets.get(run.id) ?? 0), window);
  const starts = chain.map((run) => (window.start.minutes + minuteOf(run)) % DAY);
  for (const run of runs) {
    const { frequency } = run;
    if (frequency.kind === 'interval') {
      schedules.set(run.id, {
        kind: 'interval',
        everySeconds: frequency.everySeconds,
        offsetSeconds: intervalOffset(
          { seed: `${dataSet} ${run.id}`, everySeconds: frequency.everySeconds, minutes: minutesOf(run) },
          run.chained ? starts : [],
          window,
        ),
      });
    } else {
      const alone = run.chained ? undefined : startOf(run.id, [{ offset: 0, minutes: minutesOf(run) }], [run], window);
      schedules.set(run.id, calendar(alone === undefined ? minuteOf(run) : snap(alone, window), run.days, window));
    }
  }
  const needed = Math.max(0, ...steps.map(({ offset, minutes }) => offset + minutes));
  const left = Math.max(...startableRanges(window).map(({ from }) => windowMinutes(window) - from));
  return { schedules, tooSmall: needed > left ? { needed, left } : undefined };
}

function minutesOf({ expectedSeconds }: Unplaced): number {
  return Math.ceil(expectedSeconds / 60);
}

/** Minutes after the data set's start: what may run on the same date before it is expected to have ended. */
function chainOffsets(chain: readonly Unplaced[]): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  chain.forEach((run, index) => {
    const before = chain.slice(0, index).filter((one) => meet(one.days, run.days));
    offsets.set(run.id, Math.max(0, ...before.map((one) => (offsets.get(one.id) ?? 0) + minutesOf(one))));
  });
  return offsets;
}

function meet(one: Days, other: Days): boolean {
  if (one.kind === 'weekdays' && other.kind === 'weekdays')
    return one.weekdays.some((day) => other.weekdays.includes(day));
  if (one.kind === 'month_day' && other.kind === 'not_month_day') return one.monthDay !== other.monthDay;
  if (one.kind === 'month_day' && other.kind === 'month_day') return one.monthDay === other.monthDay;
  return true;
}

/** Minutes from the window's opening: by hash among all starts from which every step is startable and ends in time. */
function startOf(
  name: string,
  steps: readonly { readonly offset: number; readonly minutes: number }[],
  runs: readonly Unplaced[],
  window: Window,
): number {
  const ranges = startableRanges(window);
  const last = lastStart(steps, runs, window);
  const fits = (at: number) => at <= last && steps.every(({ offset }) => ranges.some((one) => isIn(at + offset, one)));
  const starts = ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
  const free = starts.filter(fits);
  const chosen = free[spread(name, free.length)];
  if (chosen !== undefined) return chosen;
  return byMonth(runs) ? 0 : (starts[0] ?? 0);
}

/** The minute itself, or the next one that is startable: where a chain is longer than its window, steps still exist. */
function snap(minute: number, window: Window): number {
  const ranges = startableRanges(window);
  if (ranges.some((one) => isIn(minute, one))) return minute;
  return ranges.find(({ from }) => from > minute)?.from ?? (ranges.at(-1)?.to ?? 1) - 1;
}

function isIn(minute: number, { from, to }: MinuteRange): boolean {
  return minute >= from && minute < to;
}

function lastStart(
  steps: readonly { readonly offset: number; readonly minutes: number }[],
  runs: readonly Unplaced[],
  window: Window,
): number {
  const inTime = windowMinutes(window) - Math.max(0, ...steps.map(({ offset, minutes }) => offset + minutes));
  return byMonth(runs) ? Math.min(inTime, DAY - window.start.minutes - 1) : inTime;
}

/** A monthly run, the first of its chain, cannot be shifted over midnight: the day after the 28th has no fixed number. */
function byMonth(runs: readonly Unplaced[]): boolean {
  return runs.some((run) => run.days.kind === 'month_day');
}

function calendar(minute: number, days: Days, { start, timeZone }: Window): Schedule {
  const at = start.minutes + minute;
  return {
    kind: 'calendar',
    at: TimeOfDay.minutes(at).toString(),
    timeZone,
    days: at >= DAY ? nextDays(days) : days,
  };
}

/** The day of a window is the one on which it opens; a start after midnight lies on the next one. */
function nextDays(days: Days): Days {
  if (days.kind === 'all') return days;
  if (days.kind !== 'weekdays') return { kind: days.kind, monthDay: days.monthDay + 1 };
  const next = (day: Weekday) => WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % 7] ?? day;
  return { kind: 'weekdays', weekdays: WEEKDAYS.filter((day) => days.weekdays.map(next).includes(day)) };
}
