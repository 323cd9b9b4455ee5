import type { LocalDateTime, ZoneOffset } from '@js-joda/core';
import { LocalDate, Year, ZoneId } from '@js-joda/core';
import '@js-joda/timezone';

/** An offset of a zone's clock from UTC. */
export interface ZoneOffsetSince {
  /** The first time that the clock shows with it, written as if it were UTC: `2026-03-29T03:00:00Z`. */
  readonly since: string;
  /** `+02:00` */
  readonly offset: string;
}

/**
 * The offsets of a zone's clock from January 1 of `fromYear` to the end of `toYear`, in order; the first holds from that
 * day on. Changes are on whole minutes of whole days' clocks in these years.
 */
export function offsetsOf(zone: string, fromYear: number, toYear: number): readonly ZoneOffsetSince[] {
  const rules = ZoneId.of(zone).rules();
  const offsetAt = (at: LocalDateTime) => rules.offsetOfLocalDateTime(at);
  const start = LocalDate.of(fromYear, 1, 1).atStartOfDay();
  const found: ZoneOffsetSince[] = [{ since: text(start), offset: textOf(offsetAt(start)) }];
  let before = offsetAt(start);
  const end = Year.of(toYear).atDay(1).plusYears(1);
  for (let date = start.toLocalDate(); date.isBefore(end); date = date.plusDays(1)) {
    const after = offsetAt(date.plusDays(1).atStartOfDay());
    if (after.equals(before)) continue;
    for (let minute = 1; minute <= 1440; minute++) {
      const at = date.atStartOfDay().plusMinutes(minute);
      // The first minute that has the new offset, whether the hour before it is missing or comes twice.
      if (!rules.validOffsets(at).some((one) => one.equals(after))) continue;
      found.push({ since: text(at), offset: textOf(after) });
      break;
    }
    before = after;
  }
  return found;
}

/** Whether the clocks of two zones show the same time in all of these years. */
export function hasSameClock(zone: string, other: string, fromYear: number, toYear: number): boolean {
  const [own, its] = [ZoneId.of(zone).rules(), ZoneId.of(other).rules()];
  const end = Year.of(toYear).atDay(1).plusYears(1);
  // Most differ on the first day; where a change comes at another hour, days do not tell.
  for (let date = LocalDate.of(fromYear, 1, 1); date.isBefore(end); date = date.plusDays(1)) {
    const at = date.atStartOfDay();
    if (!own.offsetOfLocalDateTime(at).equals(its.offsetOfLocalDateTime(at))) return false;
  }
  const offsets = (one: string) => JSON.stringify(offsetsOf(one, fromYear, toYear));
  return offsets(zone) === offsets(other);
}

function text(at: LocalDateTime): string {
  return `${at.toLocalDate().toString()}T${at.toLocalTime().toString().padEnd(8, ':00')}Z`;
}

function textOf(offset: ZoneOffset): string {
  return offset.id() === 'Z' ? '+00:00' : offset.id();
}
