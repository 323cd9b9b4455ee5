import ical from 'ical-generator';
import type { PlannedRun } from '../plan';

/** Runs as an iCalendar file (RFC 5545): the same runs give the same bytes. */
export function renderCalendar(name: string, runs: readonly PlannedRun[]): string {
  const calendar = ical({ name: `${name} backups`, prodId: { company: 'hypnoscript-dr', product: 'schedule' } });
  for (const run of runs) {
    calendar.createEvent({
      id: `${run.task}.${run.type}.${run.start.getTime()}@${name}`,
      stamp: run.start,
      start: run.start,
      ...(run.expectedEnd && { end: run.expectedEnd }),
      summary: summaryOf(run),
      description: `serves ${run.for.join(', ')}`,
    });
  }
  return `${calendar.toString()}\r\n`;
}

function summaryOf({ type, task }: PlannedRun): string {
  if (type === 'verify') return `full re-read of ${task}`;
  return type === 'test-restore' ? `test restore of ${task}` : `${type} backup of ${task}`;
}
