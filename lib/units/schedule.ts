import { DayOfWeek, Instant, LocalDate, LocalDateTime, LocalTime, ZoneId } from '@js-joda/core';
import '@js-joda/timezone';
import type { Weekday } from './cadence';
import { TimeOfDay } from './time-of-day';

/**
 * When something starts. `calendar`: at a time on the clock of a zone, on days of its calendar; `interval`: every so
 * many seconds of UTC, counted from midnight, so that clock changes neither skip nor double one.
 */
export type Schedule =
  | { readonly kind: 'calendar'; readonly at: string; readonly timeZone: string; readonly days: Days }
  | { readonly kind: 'interval'; readonly everySeconds: number; readonly offsetSeconds: number };

/** Days on which a calendar's start lies. */
export type Days =
  | { readonly kind: 'all' }
  | { readonly kind: 'weekdays'; readonly weekdays: readonly Weekday[] }
  | { readonly kind: 'month_day'; readonly monthDay: number }
  | { readonly kind: 'not_month_day'; readonly monthDay: number };

const DAY_SECONDS = 86_400;

/**
 * The starts in [from, to), as the clouds' schedulers make them: a time that a date's clock skips is no start, and one
 * that it shows twice is the first of the two.
 */
export function* occurrences(schedule: Schedule, from: Date, to: Date): Generator<Date> {
  yield* schedule.kind === 'interval' ? intervals(schedule, from, to) : dates(schedule, from, to);
}

/** The first start after a moment, within the next 400 days; `undefined` for a calendar without a day. */
export function nextOccurrence(schedule: Schedule, after: Date): Date | undefined {
  const from = new Date(after.getTime() + 1);
  const to = new Date(after.getTime() + 400 * DAY_SECONDS * 1000);
  for (const date of occurrences(schedule, from, to)) return date;
  return undefined;
}

function* intervals(
  { everySeconds, offsetSeconds }: Extract<Schedule, { kind: 'interval' }>,
  from: Date,
  to: Date,
): Generator<Date> {
  const every = everySeconds * 1000;
  const offset = offsetSeconds * 1000;
  for (let at = Math.ceil((from.getTime() - offset) / every) * every + offset; at < to.getTime(); at += every)
    yield new Date(at);
}

function* dates(
  { at, timeZone, days }: Extract<Schedule, { kind: 'calendar' }>,
  from: Date,
  to: Date,
): Generator<Date> {
  const zone = ZoneId.of(timeZone);
  const rules = zone.rules();
  const minutes = TimeOfDay.parse(at)?.minutes ?? 0;
  const clock = LocalTime.of(Math.floor(minutes / 60), minutes % 60);
  const dateOf = (date: Date) => LocalDate.ofInstant(Instant.ofEpochMilli(date.getTime()), zone);
  const last = dateOf(to).plusDays(1);
  for (let date = dateOf(from).minusDays(1); !date.isAfter(last); date = date.plusDays(1)) {
    if (!isOn(days, date)) continue;
    const local = LocalDateTime.of(date, clock);
    const [offset] = rules.validOffsets(local);
    if (!offset) continue;
    const start = new Date(local.toInstant(offset).toEpochMilli());
    if (start >= from && start < to) yield start;
  }
}

const BY_DAY = new Map<DayOfWeek, Weekday>([
  [DayOfWeek.MONDAY, 'monday'],
  [DayOfWeek.TUESDAY, 'tuesday'],
  [DayOfWeek.WEDNESDAY, 'wednesday'],
  [DayOfWeek.THURSDAY, 'thursday'],
  [DayOfWeek.FRIDAY, 'friday'],
  [DayOfWeek.SATURDAY, 'saturday'],
  [DayOfWeek.SUNDAY, 'sunday'],
]);

function isOn(days: Days, date: LocalDate): boolean {
  if (days.kind === 'all') return true;
  if (days.kind === 'month_day') return days.monthDay === date.dayOfMonth();
  if (days.kind === 'not_month_day') return days.monthDay !== date.dayOfMonth();
  const weekday = BY_DAY.get(date.dayOfWeek());
  return weekday !== undefined && days.weekdays.includes(weekday);
}
