import type { AwsTaskSchedule, TaskManifest } from '../contract';
import { TimeOfDay, digest, fitName, kebab } from '../units';

/** Pruning is spread over this long after the window's end. */
const PRUNE_SPREAD_MINUTES = 120;

/** What starts a task: one schedule a run, and one a day for pruning, after the window. */
export function awsTaskSchedules(task: TaskManifest): readonly AwsTaskSchedule[] {
  const runs = task.runs.map((run): AwsTaskSchedule => ({
    id: `aws.${run.id}`,
    from: [...run.from],
    name: fitName(kebab(`${task.name}-${run.for.join('-')}`), 64),
    command: 'backup',
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
  }));
  return [...runs, pruning(task)];
}

function pruning({ name, window }: TaskManifest): AwsTaskSchedule {
  const end = TimeOfDay.parse(window.end)?.minutes ?? 0;
  const offset = Number.parseInt(digest(`${name} prune`, 12), 16) % PRUNE_SPREAD_MINUTES;
  return {
    id: `aws.task.${name}.prune`,
    from: [],
    name: fitName(kebab(`${name}-prune`), 64),
    command: 'prune',
    schedule: {
      kind: 'calendar',
      at: TimeOfDay.minutes(end + offset).toString(),
      timeZone: window.timeZone,
      days: { kind: 'all' },
    },
  };
}
