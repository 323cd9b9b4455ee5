import type { AwsTaskSchedule, TaskManifest } from '../contract';
import { distinctKebab, fitName } from '../units';
import { afterWindow } from './after-window';
import { copyPaths } from './copied';
import { copyWork } from './copy';
import { fullReadPaths } from './full-read';
import { watchPaths, watchSchedule } from './host-timers';
import { testRestoreIn, testRestorePaths } from './test-restore';

/** What starts a task: one schedule a run, and after the window one a day for pruning, one for full re-reads and one for test restores. */
export function awsTaskSchedules(task: TaskManifest): readonly AwsTaskSchedule[] {
  const runs = task.runs.map((run): AwsTaskSchedule => ({
    id: `aws.${run.id}`,
    from: [...run.from],
    name: fitName(`${distinctKebab(task.name)}-${run.for.join('-')}`, 64),
    command: 'backup',
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
  }));
  return [...runs, pruning(task), ...fullReads(task), ...testRestores(task)];
}

/** What starts a copy job: once a night, after the window; and pruning and full re-reads as for a task. */
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
    ...fullReads(task),
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

/** Machines of sites write without a run of the task: nobody here sees the end of that, so what is there is verified each hour. */
export function awsWatch(task: TaskManifest): AwsTaskSchedule {
  return {
    id: `aws.task.${task.name}.watch`,
    from: watchPaths(task),
    name: fitName(`${distinctKebab(task.name)}-watch`, 64),
    command: 'watch',
    schedule: watchSchedule(task),
  };
}

function fullReads({ name, validation }: TaskManifest): readonly AwsTaskSchedule[] {
  if (!validation.fullRead) return [];
  return [
    {
      id: `aws.task.${name}.verify`,
      from: fullReadPaths(validation),
      name: fitName(`${distinctKebab(name)}-verify`, 64),
      command: 'verify',
      schedule: validation.fullRead,
    },
  ];
}

function testRestores(task: TaskManifest): readonly AwsTaskSchedule[] {
  const schedule = testRestoreIn('aws', task);
  if (!schedule) return [];
  return [
    {
      id: `aws.task.${task.name}.test-restore`,
      from: testRestorePaths(task),
      name: fitName(`${distinctKebab(task.name)}-test-restore`, 64),
      command: 'test-restore',
      schedule,
    },
  ];
}
