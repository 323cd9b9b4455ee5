import type { RunSchedule, TaskManifest } from '../contract';
import { LONGEST_FULL_READ_SECONDS } from '../contract/full-read';
import { WEEKDAYS } from '../units';
import { CLOCK_SKEW, expiriesOf, sortHistory } from './chain';
import { newestFullRead } from './full-read';
import type { LedgerRead, Place } from './history';
import type { LedgerLook } from './ledger-look';
import { slotDate } from './slot';

/** How long ago all that a store keeps was read again. */
export interface FullReadAge {
  readonly store: string;
  /**
   * Seconds since the newest reading on record began; where there is none, since the first of the backups was verified
   * that were needed at any time within `allowedSeconds`.
   */
  readonly ageSeconds: number;
  /** @default true - no reading is on record */
  readonly ever: boolean;
  /** Seconds that it may be: the longest time between two starts, the longest that one may take, and a day. */
  readonly allowedSeconds: number;
}

const DAY_SECONDS = 86_400;
const LONGEST_MONTH_DAYS = 31;
/** From the 29th of January to the 29th of March, in years whose February has none. */
const LONGEST_29TH_DAYS = 59;

/**
 * @returns `undefined` where no readings are scheduled, nothing was ever verified (that alone is overdue), or nothing
 * was read and nothing has been needed for as long as a reading may take to come
 */
export async function fullReadAge(
  place: Place,
  { name, validation: { fullRead } }: TaskManifest,
  ledger: LedgerLook,
  now: Date,
): Promise<FullReadAge | undefined> {
  if (!fullRead || (await ledger.isEmpty())) return undefined;
  const newest = await newestFullRead(place, name, now);
  const allowedSeconds = longestSeconds(fullRead) + LONGEST_FULL_READ_SECONDS + DAY_SECONDS;
  const since = newest
    ? Date.parse(newest.startedAt)
    : await firstNeeded(ledger, now.getTime() - allowedSeconds * 1000, place.keptDays);
  if (since === undefined) return undefined;
  return {
    store: place.store.id,
    ageSeconds: Math.max(0, Math.floor((now.getTime() - since) / 1000)),
    ever: newest !== undefined,
    allowedSeconds,
  };
}

/**
 * When the first of what was still needed at a time, or came later, was verified. Entries of what was pruned stay for
 * ever, and nobody reads that; of what is kept for less than the time between two readings, none would be old enough now.
 */
export function firstVerified(
  entries: LedgerRead['entries'],
  time: number,
  keptDays: number | undefined,
): number | undefined {
  const expiries = expiriesOf(sortHistory(entries), keptDays);
  const needed = entries.filter(({ sha256 }) => (expiries.get(sha256) ?? Infinity) > time);
  return needed.length > 0 ? Math.min(...needed.map(({ entry }) => Date.parse(entry.verifiedAt))) : undefined;
}

/**
 * The same of a ledger. While it is younger than that time, all of it is needed, and the oldest were verified first but for
 * what is from the future, which counts for nothing here. Later a task without a reading is overdue, and all is read.
 */
export async function firstNeeded(
  ledger: LedgerLook,
  time: number,
  keptDays: number | undefined,
): Promise<number | undefined> {
  const startOf = ({ slot }: LedgerLook['names'][number]) => slotDate(slot)?.getTime() ?? Infinity;
  const [oldest] = ledger.names;
  if (!oldest || startOf(oldest) <= time) return firstVerified(await ledger.all(), time, keptDays);
  let first = Infinity;
  for (const name of ledger.names) {
    // A backup that is not from the future was verified at its slot at the earliest.
    if (startOf(name) - CLOCK_SKEW >= first) break;
    for (const { entry } of await ledger.read([name])) first = Math.min(first, Date.parse(entry.verifiedAt));
  }
  return first === Infinity ? undefined : first;
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
