import type { TaskManifest } from '../../contract';
import { Duration, TimeOfDay, WEEKDAYS, cadenceText } from '../../units';
import type { Weekday } from '../../units';
import { typesOf } from '../run';
import { frequencyOf, isRounded, windowMinutes } from '../slots';
import type { Window } from '../slots';
import type { PlanCheck } from './finding';

/** Schedulers know calendars and intervals that divide a day; everything else runs more often than it was asked for. */
export const roundedFrequency: PlanCheck = ({ context }) => {
  for (const [name, { frequency }] of typesOf(context.backup.general.types)) {
    if (!isRounded(frequency)) continue;
    const made = frequencyOf(frequency);
    const becomes = made.kind === 'interval' ? `every ${Duration.seconds(made.everySeconds)}` : made.kind;
    context.report({
      code: 'DR3056',
      path: `backup.general.types.${name}.frequency`,
      message: `no scheduler starts something ${cadenceText(frequency)}: it runs ${becomes}`,
      fix: 'write a frequency that divides a day, or daily, weekly or monthly',
    });
  }
};

/** What all runs of one source host take on one date, over what the window has for them side by side. */
export const hostWindow: PlanCheck = ({ context, plan }) => {
  const hosts = new Map<string, TaskManifest[]>();
  for (const task of plan.tasks) {
    const host = hostOf(task);
    if (host !== undefined) hosts.set(host, [...(hosts.get(host) ?? []), task]);
  }
  for (const [host, tasks] of hosts) {
    const [first] = tasks;
    if (!first || tasks.length < 2) continue;
    const left = windowMinutes(windowFrom(first)) * 60 * first.maxParallel;
    const [day, needed] = worstDay(tasks);
    if (needed <= left) continue;
    context.report({
      code: 'DR3055',
      path: 'backup.general.backup_window',
      message: `${host} has ${tasks.length} data sets whose runs take ${Duration.seconds(needed)} on a ${day}, and the window of ${Duration.seconds(left / first.maxParallel)} has room for ${Duration.seconds(left)} with ${first.maxParallel} at once`,
      fix: 'widen the window, raise deployment.max_parallel, or say the true expected_duration of each task',
    });
  }
};

function hostOf({ source, host }: TaskManifest): string | undefined {
  if (source.kind === 'database' && source.host !== undefined) return source.host;
  return host === 'container' ? undefined : host;
}

function windowFrom({ window }: TaskManifest): Window {
  const time = (text: string) => TimeOfDay.parse(text) ?? TimeOfDay.minutes(0);
  return { start: time(window.start), end: time(window.end), timeZone: window.timeZone };
}

function worstDay(tasks: readonly TaskManifest[]): readonly [Weekday, number] {
  const totals = WEEKDAYS.map((day) => {
    const runs = tasks.flatMap((task) => task.runs.filter((run) => run.type !== 'log' && isOn(run.schedule, day)));
    return [day, runs.reduce((sum, run) => sum + run.expectedSeconds, 0)] as const;
  });
  return totals.reduce((worst, one) => (one[1] > worst[1] ? one : worst));
}

function isOn(schedule: TaskManifest['runs'][number]['schedule'], day: Weekday): boolean {
  if (schedule.kind === 'interval') return false;
  return schedule.days.kind !== 'weekdays' || schedule.days.weekdays.includes(day);
}
