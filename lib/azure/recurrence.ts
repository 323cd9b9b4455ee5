import type { RunSchedule } from '../contract/task';

/** A recurrence of Logic Apps. Times are those of the zone's clock; intervals count from a moment in UTC. */
export interface Recurrence {
  readonly frequency: 'Day' | 'Week' | 'Minute';
  readonly interval: number;
  readonly startTime: string;
  readonly timeZone?: string;
  readonly schedule?: {
    readonly atTheseHours: number[];
    readonly atTheseMinutes: number[];
    readonly onTheseDays?: string[];
  };
}

/** Long past: without a start the first run would be at the deployment. */
const LONG_PAST = '2026-01-01T00:00:00Z';

/**
 * A schedule of the plan as Logic Apps write it. Days of the month are for the flow to look at.
 * @param windowsZone - Windows' name of the schedule's zone
 * @see https://learn.microsoft.com/azure/logic-apps/concepts-schedule-automated-recurring-tasks-workflows
 */
export function recurrenceOf(schedule: RunSchedule, windowsZone: string): Recurrence {
  if (schedule.kind === 'interval') {
    const start = new Date(Date.parse(LONG_PAST) + schedule.offsetSeconds * 1000).toISOString().replace('.000Z', 'Z');
    return { frequency: 'Minute', interval: schedule.everySeconds / 60, startTime: start };
  }
  const [hour = 0, minute = 0] = schedule.at.split(':').map(Number);
  const at = { atTheseHours: [hour], atTheseMinutes: [minute] };
  const common = { interval: 1, startTime: LONG_PAST, timeZone: windowsZone };
  return schedule.days.kind === 'weekdays'
    ? { ...common, frequency: 'Week', schedule: { ...at, onTheseDays: schedule.days.weekdays.map(capital) } }
    : { ...common, frequency: 'Day', schedule: at };
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
