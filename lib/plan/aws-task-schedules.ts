import type { AwsTaskSchedule, TaskManifest } from '../contract';
import { distinctKebab, fitName } from '../units';
import { afterWindow } from './after-window';
import { copyPaths } from './copied';
import { copyWork } from './copy';

/** What starts a task: one schedule a run, and one a day for pruning, after the window. */
export function awsTaskSchedules(task: TaskManifest): readonly AwsTaskSchedule[] {
  const runs = task.runs.map((run): AwsTaskSchedule => ({
    id: `aws.${run.id}`,
    from: [...run.from],
    name: fitName(`${distinctKebab(task.name)}-${run.for.join('-')}`, 64),
    command: 'backup',
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
  }));
  return [...runs, pruning(task)];
}

/** What starts a copy job: once a night, after the window; and pruning as for a task. */
export function awsCopySchedules(task: TaskManifest): readonly AwsTaskSchedule[] {
  return [
    {
      id: `aws.task.${task.name}.copy`,
      from: copyPaths('aws', [task]),
      name: fitName(`${distinctKebab(task.name)}-copy`, 64),
      command: 'copy',
      schedule: afterWindow(task.window, task.name, copyWork('aws')),
    },
    pruning(task),
  ];
}

function pruning({ name, window }: TaskManifest): AwsTaskSchedule {
  return {
    id: `aws.task.${name}.prune`,
    from: [],
    name: fitName(`${distinctKebab(name)}-prune`, 64),
    command: 'prune',
    schedule: afterWindow(window, name, 'prune'),
  };
}
