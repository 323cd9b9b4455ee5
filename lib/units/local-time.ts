import { DateTimeFormatter, Instant, LocalDate, ZoneId, ZonedDateTime } from '@js-joda/core';
import '@js-joda/timezone';

/** A moment as RFC 3339 with the offset of a zone: `2026-11-29T04:12:00+01:00`. */
export function toLocalText(moment: Date, timeZone: string): string {
  const local = ZonedDateTime.ofInstant(Instant.ofEpochMilli(moment.getTime()), ZoneId.of(timeZone));
  return local.format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx"));
}

/** The first moment of a date (`YYYY-MM-DD`) in a zone, and of the date `days` later. */
export function dayRange(date: string, days: number, timeZone: string): { readonly from: Date; readonly to: Date } {
  const first = LocalDate.parse(date);
  const startOf = (day: LocalDate) => new Date(day.atStartOfDay(ZoneId.of(timeZone)).toInstant().toEpochMilli());
  return { from: startOf(first), to: startOf(first.plusDays(days)) };
}
