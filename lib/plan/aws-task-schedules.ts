import type { AwsTaskSchedule, TaskManifest } from '../contract';
import { fitName, kebab } from '../units';
import { afterWindow } from './after-window';

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
  return {
    id: `aws.task.${name}.prune`,
    from: [],
    name: fitName(kebab(`${name}-prune`), 64),
    command: 'prune',
    schedule: afterWindow(window, name, 'prune'),
  };
}
