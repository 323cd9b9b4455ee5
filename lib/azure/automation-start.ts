import type { RunSchedule } from '../contract/task';
import { offsetsOf } from '../units/offsets';
import type { ZoneOffsetSince } from '../units/offsets';

/** A schedule of Azure Automation. */
export interface AutomationRecurrence {
  readonly frequency: 'Hour' | 'Day' | 'Week' | 'Month';
  readonly interval: number;
  readonly timezone: string;
  readonly weekDays?: string[];
  readonly monthDays?: number[];
  /** An expression of Terraform: a moment two days after it is applied, at the start's time on the zone's clock. */
  readonly startTime: string;
}

const HOUR = 3600;
/** Days from which a first start is told its offset, and how far that is known. */
const YEARS = { from: 2026, to: 2045 } as const;

/**
 * A schedule of the plan as Automation writes it; more than one where it starts more often than Automation's shortest
 * interval, which is an hour. The service turns the first start into the zone's time of day, which then recurs: a wrong
 * offset would move every run, so that each offset of the zone's coming years is in the expression.
 * @see https://learn.microsoft.com/azure/automation/shared-resources/schedules
 */
export function automationRecurrences(schedule: RunSchedule): readonly AutomationRecurrence[] {
  if (schedule.kind === 'interval') return hourly(schedule);
  const { at, timeZone, days } = schedule;
  const common = { interval: 1, timezone: zoneName(timeZone), startTime: firstStart(at, timeZone) };
  switch (days.kind) {
    case 'all':
      return [{ ...common, frequency: 'Day' }];
    case 'weekdays':
      return [{ ...common, frequency: 'Week', weekDays: days.weekdays.map(capital) }];
    case 'month_day':
      return [{ ...common, frequency: 'Month', monthDays: [days.monthDay] }];
    case 'not_month_day':
      return [{ ...common, frequency: 'Month', monthDays: allDays.filter((day) => day !== days.monthDay) }];
  }
}

const allDays = Array.from({ length: 31 }, (_, index) => index + 1);

function hourly({ everySeconds, offsetSeconds }: Extract<RunSchedule, { kind: 'interval' }>) {
  const interval = Math.max(1, Math.floor(everySeconds / HOUR));
  const count = everySeconds < HOUR ? HOUR / everySeconds : 1;
  return Array.from({ length: count }, (_, index): AutomationRecurrence => {
    const seconds = offsetSeconds + index * everySeconds;
    const at = [Math.floor(seconds / HOUR), Math.floor(seconds / 60) % 60].map((part) => String(part).padStart(2, '0'));
    return { frequency: 'Hour', interval, timezone: zoneName('UTC'), startTime: firstStart(at.join(':'), 'UTC') };
  });
}

/** The service says `Etc/UTC` for UTC, and another name would be a change for ever. */
function zoneName(timeZone: string): string {
  return timeZone === 'UTC' ? 'Etc/UTC' : timeZone;
}

/** The day is that of UTC: two days ahead it lies ahead in every zone. */
function firstStart(at: string, timeZone: string): string {
  const day = 'formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "48h"))';
  const wall = `format("%sT${at}:00Z", ${day})`;
  const name = offsetsName(timeZone);
  const offset = `reverse([for one in local.${name} : one.offset if timecmp(one.since, ${wall}) <= 0])[0]`;
  return `\${${day}}T${at}:00\${${offset}}`;
}

export interface OffsetsLocal {
  /** Name of a local value of Terraform. */
  readonly name: string;
  readonly value: readonly ZoneOffsetSince[];
}

/** The offsets of a zone's clock in the coming years, as the expressions of first starts look them up. */
export function offsetsLocal(timeZone: string): OffsetsLocal {
  return { name: offsetsName(timeZone), value: offsetsOf(timeZone, YEARS.from, YEARS.to) };
}

function offsetsName(timeZone: string): string {
  return `offsets_${timeZone.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
