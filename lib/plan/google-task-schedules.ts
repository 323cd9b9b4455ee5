import type { GoogleTaskSchedule, TaskManifest } from '../contract';
import { TimeOfDay, digest, fitName, kebab } from '../units';

/** Pruning is spread over this long after the window's end. */
const PRUNE_SPREAD_MINUTES = 120;
/** Names of Cloud Scheduler: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs */
const LONGEST_NAME = 200;

/** What starts a task: one job of the scheduler a run, and one a day for pruning, after the window. */
export function googleTaskSchedules(task: TaskManifest, base: string): readonly GoogleTaskSchedule[] {
  const runs = task.runs.map((run): GoogleTaskSchedule => ({
    id: `google.${run.id}`,
    from: [...run.from],
    name: fitName(`${base}-${kebab(run.for.join('-'))}`, LONGEST_NAME),
    command: 'backup',
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
  }));
  return [...runs, pruning(task, base)];
}

function pruning({ name, window }: TaskManifest, base: string): GoogleTaskSchedule {
  const end = TimeOfDay.parse(window.end)?.minutes ?? 0;
  const offset = Number.parseInt(digest(`${name} prune`, 12), 16) % PRUNE_SPREAD_MINUTES;
  return {
    id: `google.task.${name}.prune`,
    from: [],
    name: fitName(`${base}-prune`, LONGEST_NAME),
    command: 'prune',
    schedule: {
      kind: 'calendar',
      at: TimeOfDay.minutes(end + offset).toString(),
      timeZone: window.timeZone,
      days: { kind: 'all' },
    },
  };
}
