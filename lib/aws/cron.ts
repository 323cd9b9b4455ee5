import type { RunSchedule } from '../contract/task';

/** An expression of EventBridge Scheduler, and the zone that it is read in. */
export interface SchedulerExpression {
  readonly expression: string;
  readonly timeZone: string;
}

/**
 * A schedule of the plan as EventBridge Scheduler writes it. Intervals divide a day and count in UTC, so that a cron
 * expression says them exactly: a `rate` would count from the day of the deployment.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function cronOf(schedule: RunSchedule): SchedulerExpression {
  return schedule.kind === 'interval' ? intervalCron(schedule) : calendarCron(schedule);
}

function calendarCron({ at, timeZone, days }: Extract<RunSchedule, { kind: 'calendar' }>): SchedulerExpression {
  const [hour, minute] = at.split(':').map(Number);
  const [dayOfMonth, dayOfWeek] = daysOf(days);
  return { expression: `cron(${minute} ${hour} ${dayOfMonth} * ${dayOfWeek} *)`, timeZone };
}

function daysOf(days: Extract<RunSchedule, { kind: 'calendar' }>['days']): readonly [string, string] {
  switch (days.kind) {
    case 'all':
      return ['*', '?'];
    case 'weekdays':
      return ['?', days.weekdays.map((day) => day.slice(0, 3).toUpperCase()).join(',')];
    case 'month_day':
      return [String(days.monthDay), '?'];
    case 'not_month_day':
      return [restOfMonth(days.monthDay), '?'];
  }
}

function restOfMonth(day: number): string {
  const before = day > 1 ? [`1-${day - 1}`] : [];
  return [...before, `${day + 1}-31`].join(',');
}

function intervalCron({
  everySeconds,
  offsetSeconds,
}: Extract<RunSchedule, { kind: 'interval' }>): SchedulerExpression {
  const every = everySeconds / 60;
  const offset = Math.floor(offsetSeconds / 60);
  const minutes = every < 60 ? listOf(60, every, offset % every) : String(offset % 60);
  const hours = every <= 60 ? '*' : listOf(24, every / 60, Math.floor(offset / 60));
  return { expression: `cron(${minutes} ${hours} * * ? *)`, timeZone: 'UTC' };
}

function listOf(end: number, step: number, first: number): string {
  const values: number[] = [];
  for (let value = first; value < end; value += step) values.push(value);
  return values.join(',');
}
