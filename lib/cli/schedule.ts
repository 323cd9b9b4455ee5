import { runDates } from '../plan';
import type { PlannedRun, ProtectionPlan } from '../plan';
import { dayRange, toLocalText } from '../units';
import { renderCalendar } from './calendar';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { load } from './load';
import type { SpecOptions } from './load';
import { needPlan } from './need-plan';
import { table } from './table';

export interface ScheduleOptions extends SpecOptions {
  /** First date, `YYYY-MM-DD` in the window's zone. @default - the day of the call */
  readonly from?: string;
  readonly days: number;
  readonly format: 'text' | 'json' | 'ics';
}

/** `hypdr schedule`: every run that the spec means, with its start in the window's zone. */
export function schedule(paths: readonly string[], options: ScheduleOptions, host: Host): ExitCode {
  const answer = needPlan(load(paths, options, host), host);
  if ('exit' in answer) return answer.exit;
  const { plan } = answer;
  const zone = plan.tasks[0]?.window.timeZone ?? 'UTC';
  const { from, to } = dayRange(options.from ?? options.today ?? host.today, options.days, zone);
  const runs = runDates(plan, from, to);
  host.stdout(render(plan, runs, zone, options.format));
  return EXIT.fine;
}

function render(
  plan: ProtectionPlan,
  runs: readonly PlannedRun[],
  zone: string,
  format: ScheduleOptions['format'],
): string {
  if (format === 'ics') return renderCalendar(plan.name, runs);
  if (format === 'json') return `${JSON.stringify({ runs: runs.map((run) => toJson(run, zone)) }, null, 2)}\n`;
  const rows = runs.map((run) => [
    toLocalText(run.start, zone),
    run.expectedEnd ? toLocalText(run.expectedEnd, zone).slice(11, 16) : '-',
    run.task,
    run.type,
    run.for.join(', '),
  ]);
  return table(['start', 'expected end', 'task', 'type', 'for'], rows);
}

function toJson({ task, type, for: serves, start, expectedEnd }: PlannedRun, zone: string) {
  return {
    task,
    type,
    for: serves,
    start: toLocalText(start, zone),
    ...(expectedEnd && { expected_end: toLocalText(expectedEnd, zone) }),
  };
}
