import type { RunSchedule } from '../contract/task';

/** A schedule of Cloud Scheduler, and the zone that it is read in. */
export interface SchedulerExpression {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly schedule: string;
  readonly timeZone: string;
}

type Calendar = Extract<RunSchedule, { kind: 'calendar' }>;
type Interval = Extract<RunSchedule, { kind: 'interval' }>;

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * A schedule of the plan as Cloud Scheduler writes it. Of the days one field at most is narrowed: a job with both runs
 * where either matches. Intervals divide a day and count in UTC.
 * @see https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 */
export function cronOf(schedule: RunSchedule): SchedulerExpression {
  return schedule.kind === 'interval' ? intervalCron(schedule) : calendarCron(schedule);
}

function calendarCron({ at, timeZone, days }: Calendar): SchedulerExpression {
  const [hour, minute] = at.split(':').map(Number);
  const [dayOfMonth, dayOfWeek] = daysOf(days);
  return { schedule: `${minute} ${hour} ${dayOfMonth} * ${dayOfWeek}`, timeZone };
}

function daysOf(days: Calendar['days']): readonly [string, string] {
  switch (days.kind) {
    case 'all':
      return ['*', '*'];
    case 'weekdays':
      return ['*', days.weekdays.map((day) => WEEKDAYS.indexOf(day)).join(',')];
    case 'month_day':
      return [String(days.monthDay), '*'];
    case 'not_month_day':
      return [restOfMonth(days.monthDay), '*'];
  }
}

function restOfMonth(day: number): string {
  const before = day > 1 ? [day === 2 ? '1' : `1-${day - 1}`] : [];
  return [...before, `${day + 1}-31`].join(',');
}

function intervalCron({ everySeconds, offsetSeconds }: Interval): SchedulerExpression {
  const every = everySeconds / 60;
  const offset = Math.floor(offsetSeconds / 60);
  const minutes = every < 60 ? listOf(60, every, offset % every) : String(offset % 60);
  const hours = every <= 60 ? '*' : listOf(24, every / 60, Math.floor(offset / 60));
  return { schedule: `${minutes} ${hours} * * *`, timeZone: 'UTC' };
}

function listOf(end: number, step: number, first: number): string {
  const values: number[] = [];
  for (let value = first; value < end; value += step) values.push(value);
  return values.join(',');
}
