import type { GoogleTaskSchedule, TaskManifest } from '../contract';
import { fitName, kebab } from '../units';
import { afterWindow } from './after-window';
import { copyPaths } from './copied';
import { copyWork } from './copy';
import { fullReadPaths } from './full-read';
import { startsByTimers, watchPaths, watchSchedule } from './host-timers';
import { testRestoreIn, testRestorePaths } from './test-restore';

/** Names of Cloud Scheduler: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs */
const LONGEST_NAME = 200;

/**
 * What starts a task: one job of the scheduler a run, and after the window those for pruning, full re-reads and test restores.
 * @param isWatched - whether others write to its stores too: what is there is verified each hour
 */
export function googleTaskSchedules(
  task: TaskManifest,
  base: string,
  { isWatched }: { readonly isWatched: boolean },
): readonly GoogleTaskSchedule[] {
  const byTimers = startsByTimers(task);
  const runs = [...(byTimers ? [] : startedRuns(task, base)), ...(byTimers || isWatched ? [watch(task, base)] : [])];
  return [...runs, pruning(task, base), ...fullReads(task, base), ...testRestores(task, base)];
}

function startedRuns(task: TaskManifest, base: string): readonly GoogleTaskSchedule[] {
  return task.runs.map((run): GoogleTaskSchedule => ({
    id: `google.${run.id}`,
    from: [...run.from],
    name: fitName(`${base}-${kebab(run.for.join('-'))}`, LONGEST_NAME),
    command: 'backup',
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
  }));
}

/** Runs that timers start, of a host or of the machine of a site, are only looked at here. */
function watch(task: TaskManifest, base: string): GoogleTaskSchedule {
  return {
    id: `google.task.${task.name}.watch`,
    from: watchPaths(task),
    name: fitName(`${base}-watch`, LONGEST_NAME),
    command: 'watch',
    schedule: watchSchedule(task),
  };
}

/** What starts a copy job: once a night, after the window; and pruning and full re-reads as for a task. */
export function googleCopySchedules(task: TaskManifest, base: string): readonly GoogleTaskSchedule[] {
  return [
    {
      id: `google.task.${task.name}.copy`,
      from: copyPaths('google', [task]),
      name: fitName(base, LONGEST_NAME),
      command: 'copy',
      schedule: afterWindow(task.window, task.name, copyWork('google')),
    },
    pruning(task, base),
    ...fullReads(task, base),
  ];
}

function pruning({ name, window }: TaskManifest, base: string): GoogleTaskSchedule {
  return {
    id: `google.task.${name}.prune`,
    from: [],
    name: fitName(`${base}-prune`, LONGEST_NAME),
    command: 'prune',
    schedule: afterWindow(window, name, 'prune'),
  };
}

function fullReads({ name, validation }: TaskManifest, base: string): readonly GoogleTaskSchedule[] {
  if (!validation.fullRead) return [];
  return [
    {
      id: `google.task.${name}.verify`,
      from: fullReadPaths(validation),
      name: fitName(`${base}-verify`, LONGEST_NAME),
      command: 'verify',
      schedule: validation.fullRead,
    },
  ];
}

function testRestores(task: TaskManifest, base: string): readonly GoogleTaskSchedule[] {
  const schedule = testRestoreIn('google', task);
  if (!schedule) return [];
  return [
    {
      id: `google.task.${task.name}.test-restore`,
      from: testRestorePaths(task),
      name: fitName(`${base}-test-restore`, LONGEST_NAME),
      command: 'test-restore',
      schedule,
    },
  ];
}
