import type { RunSchedule, TaskManifest } from '../contract';
import { WEEKDAYS } from '../units';
import { newestFullRead } from './full-read';
import type { LedgerRead, Place } from './history';

/** How long ago all that a store keeps was read again. */
export interface FullReadAge {
  readonly store: string;
  /** Seconds since the newest reading on record began; where there is none, since anything was there to be read. */
  readonly ageSeconds: number;
  /** @default true - no reading is on record */
  readonly ever: boolean;
  /** Seconds that it may be: the longest time between two starts, the longest that one may take, and a day. */
  readonly allowedSeconds: number;
}

const DAY_SECONDS = 86_400;
/** What the plan leaves a reading, from its latest start to the next pruning. */
const LONGEST_READ_SECONDS = 19 * 3600;
const LONGEST_MONTH_DAYS = 31;
/** From the 29th of January to the 29th of March, in years whose February has none. */
const LONGEST_29TH_DAYS = 59;

/** @returns `undefined` where no readings are scheduled, or nothing was ever verified: that alone is overdue */
export async function fullReadAge(
  place: Place,
  { name, validation: { fullRead } }: TaskManifest,
  { entries }: LedgerRead,
  now: Date,
): Promise<FullReadAge | undefined> {
  if (!fullRead || entries.length === 0) return undefined;
  const newest = await newestFullRead(place, name, now);
  const since = newest
    ? Date.parse(newest.startedAt)
    : Math.min(...entries.map(({ entry }) => Date.parse(entry.verifiedAt)));
  return {
    store: place.store.id,
    ageSeconds: Math.max(0, Math.floor((now.getTime() - since) / 1000)),
    ever: newest !== undefined,
    allowedSeconds: longestSeconds(fullRead) + LONGEST_READ_SECONDS + DAY_SECONDS,
  };
}

/** The longest time between two starts; what a change of clocks adds is within the day that is left. */
export function longestSeconds(schedule: RunSchedule): number {
  if (schedule.kind === 'interval') return schedule.everySeconds;
  const { days } = schedule;
  switch (days.kind) {
    case 'all':
      return DAY_SECONDS;
    case 'not_month_day':
      return 2 * DAY_SECONDS;
    case 'month_day':
      return (days.monthDay < 29 ? LONGEST_MONTH_DAYS : LONGEST_29TH_DAYS) * DAY_SECONDS;
    case 'weekdays':
      return longestGap(days.weekdays.map((day) => WEEKDAYS.indexOf(day))) * DAY_SECONDS;
  }
}

/** Days between two that follow each other in a week that goes round. */
function longestGap(days: readonly number[]): number {
  const sorted = [...days].sort((a, b) => a - b);
  const gaps = sorted.map((day, index) => (sorted[index + 1] ?? (sorted[0] ?? 0) + WEEKDAYS.length) - day);
  return Math.max(1, ...gaps);
}
