import { Instant, LocalDate, LocalDateTime, LocalTime, ZoneId } from '@js-joda/core';
import type { ZoneRules } from '@js-joda/core';
import '@js-joda/timezone';
import type { TaskManifest } from '../contract';

type Window = Pick<TaskManifest['window'], 'start' | 'end' | 'timeZone'>;

/** One opening of a task's window. */
export interface OpenWindow {
  readonly opens: Date;
  /** Not in it any more. */
  readonly closes: Date;
}

/**
 * The opening in which a moment lies. A window that ends before it starts, or when it starts, ends on the next day.
 * Where clocks go forward over its start or end, that is the moment of the change; where they go back, it starts with
 * the first and ends with the second hour of that name.
 */
export function windowAround({ start, end, timeZone }: Window, moment: Date): OpenWindow | undefined {
  const zone = ZoneId.of(timeZone);
  const rules = zone.rules();
  const [opening, closing] = [LocalTime.parse(start), LocalTime.parse(end)];
  const overnight = !closing.isAfter(opening);
  const today = LocalDate.ofInstant(Instant.ofEpochMilli(moment.getTime()), zone);
  for (const date of [today, today.minusDays(1)]) {
    const opens = momentOf(rules, LocalDateTime.of(date, opening), 'first');
    const closes = momentOf(rules, LocalDateTime.of(overnight ? date.plusDays(1) : date, closing), 'last');
    if (opens <= moment && moment < closes) return { opens, closes };
  }
  return undefined;
}

/** Length on a day without a change of clocks, in seconds. */
export function windowSeconds({ start, end }: Pick<Window, 'start' | 'end'>): number {
  const day = 86_400;
  const seconds = LocalTime.parse(end).toSecondOfDay() - LocalTime.parse(start).toSecondOfDay();
  return seconds > 0 ? seconds : seconds + day;
}

function momentOf(rules: ZoneRules, local: LocalDateTime, which: 'first' | 'last'): Date {
  const offsets = rules.validOffsets(local);
  const offset = which === 'first' ? offsets[0] : offsets.at(-1);
  const instant = offset ? local.toInstant(offset) : rules.transition(local).instant();
  return new Date(instant.toEpochMilli());
}
