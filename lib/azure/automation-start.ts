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

/** Name of the local value with the moment, in UTC, before which nothing starts what is so called. */
export function firstStartName(start: string): string {
  return `first_start_${start.replace(/[^A-Za-z0-9]+/g, '_')}`;
}

/**
 * The earliest first start of schedules, in UTC, as the service knows it: of the day of the deployment that made them,
 * since a later one leaves it as it is.
 * @param schedules - their addresses in Terraform
 */
export function earliestStart(schedules: readonly string[]): string {
  const times = schedules.map((one) => `${one}.start_time`).join(', ');
  // An offset taken away: `+01:00` is an hour less in UTC.
  const offset = 'format("%s%sh%sm", substr(at, 19, 1) == "+" ? "-" : "", substr(at, 20, 2), substr(at, 23, 2))';
  const utc = `timeadd(format("%sZ", substr(at, 0, 19)), length(at) == 20 ? "0s" : ${offset})`;
  return `\${sort([for at in [${times}] : ${utc}])[0]}`;
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
