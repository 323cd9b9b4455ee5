import { LocalDate, LocalDateTime, LocalTime, ZoneId, ZoneRulesProvider } from '@js-joda/core';
import '@js-joda/timezone';
import { version as packageVersion } from '@js-joda/timezone/package.json';
import type { TimeOfDay } from './time-of-day';

/** Names the bundled time-zone data, so that a plan says which rules its dates come from. */
export const TIME_ZONE_DATA = `@js-joda/timezone ${packageVersion}`;

const ZONES: ReadonlySet<string> = new Set([...ZoneRulesProvider.getAvailableZoneIds()].sort());

/** True for a name of the IANA time-zone database, such as `Europe/Berlin` or `UTC`. */
export function isTimeZone(name: string): boolean {
  return ZONES.has(name);
}

/** All IANA names of the bundled data, sorted. */
export function timeZones(): readonly string[] {
  return [...ZONES];
}

/** An hour of a zone's clock that does not exist, or exists twice, on a date. */
export interface ClockChange {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly kind: 'skipped' | 'repeated';
}

/** Answers of `clockChangesAt`: it looks at each date of many years, and a spec asks for the same ones again. */
const answered = new Map<string, readonly ClockChange[]>();
const MOST_ANSWERS = 64;

/**
 * The dates from January 1 of `fromYear` to December 31 of `toYear` on which a time of day does not exist or
 * occurs twice in a zone.
 */
export function clockChangesAt(
  zone: string,
  time: TimeOfDay,
  fromYear: number,
  toYear: number,
): readonly ClockChange[] {
  const question = `${zone} ${time.minutes} ${fromYear} ${toYear}`;
  const known = answered.get(question);
  if (known) return known;
  const changes = findClockChanges(zone, time, fromYear, toYear);
  if (answered.size >= MOST_ANSWERS) answered.clear();
  answered.set(question, changes);
  return changes;
}

function findClockChanges(zone: string, time: TimeOfDay, fromYear: number, toYear: number): readonly ClockChange[] {
  const rules = ZoneId.of(zone).rules();
  const clock = LocalTime.of(Math.floor(time.minutes / 60), time.minutes % 60);
  const changes: ClockChange[] = [];
  const end = LocalDate.of(toYear, 12, 31);
  for (let date = LocalDate.of(fromYear, 1, 1); !date.isAfter(end); date = date.plusDays(1)) {
    const offsets = rules.validOffsets(LocalDateTime.of(date, clock)).length;
    if (offsets === 0) changes.push({ date: date.toString(), kind: 'skipped' });
    if (offsets === 2) changes.push({ date: date.toString(), kind: 'repeated' });
  }
  return changes;
}
