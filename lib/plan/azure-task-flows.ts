import type { AzureTaskFlow, AzureTaskStart, RunSchedule, TaskManifest } from '../contract';
import { fitName } from '../units';
import { windowsZone } from '../units/windows-zone';
import { afterWindow } from './after-window';
import { copyPaths } from './copied';
import { copyWork } from './copy';
import { fullReadPaths } from './full-read';
import { watchPaths, watchSchedule } from './host-timers';
import { testRestoreIn, testRestorePaths } from './test-restore';

/** Longest name of a Logic App. */
const LONGEST_FLOW = 43;

/**
 * What Logic Apps do for a task: one for each run, which its verification follows at once, and after the window
 * those for pruning, full re-reads and test restores.
 * @param started - by whom its runs are; and whether others write to its stores too: what is there is verified each hour
 */
export function azureTaskFlows(
  task: TaskManifest,
  word: string,
  { startedBy, isWatched }: { readonly startedBy: 'flow' | 'automation' | 'timers'; readonly isWatched: boolean },
): readonly AzureTaskFlow[] {
  const runs = [
    ...(startedBy === 'timers' ? [] : followedRuns(task, word, startedBy)),
    ...(startedBy === 'timers' || isWatched ? [watch(task, word)] : []),
  ];
  return [...runs, pruning(task, word), ...fullReads(task, word), ...testRestores(task, word)];
}

/** Runs that timers start, of a host or of the machine of a site, are only looked at here. */
function watch(task: TaskManifest, word: string): AzureTaskFlow {
  return {
    id: `azure.task.${task.name}.watch`,
    from: watchPaths(task),
    name: fitName(`${word}-watch`, LONGEST_FLOW),
    does: 'watch',
    schedule: watchSchedule(task),
    windowsZone: 'UTC',
  };
}

function followedRuns(task: TaskManifest, word: string, startedBy: 'flow' | 'automation'): readonly AzureTaskFlow[] {
  return task.runs.map((run) => ({
    id: `azure.${run.id}.flow`,
    from: [...run.from],
    name: fitName(`${word}-${run.for.join('-')}`, LONGEST_FLOW),
    does: startedBy === 'flow' ? ('backup' as const) : ('follow' as const),
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
    windowsZone: zoneOf(run.schedule),
  }));
}

/** What a Logic App does for a copy job: once a night, after the window; and pruning and full re-reads as for a task. */
export function azureCopyFlows(task: TaskManifest, word: string): readonly AzureTaskFlow[] {
  const schedule = afterWindow(task.window, task.name, copyWork('azure'));
  return [
    {
      id: `azure.task.${task.name}.copy`,
      from: copyPaths('azure', [task]),
      name: fitName(word, LONGEST_FLOW),
      does: 'copy',
      schedule,
      windowsZone: zoneOf(schedule),
    },
    pruning(task, word),
    ...fullReads(task, word),
  ];
}

function pruning(task: TaskManifest, word: string): AzureTaskFlow {
  const schedule = afterWindow(task.window, task.name, 'prune');
  return {
    id: `azure.task.${task.name}.prune`,
    from: [],
    name: fitName(`${word}-prune`, LONGEST_FLOW),
    does: 'prune',
    schedule,
    windowsZone: zoneOf(schedule),
  };
}

function fullReads({ name, validation }: TaskManifest, word: string): readonly AzureTaskFlow[] {
  const { fullRead } = validation;
  if (!fullRead) return [];
  return [
    {
      id: `azure.task.${name}.verify`,
      from: fullReadPaths(validation),
      name: fitName(`${word}-verify`, LONGEST_FLOW),
      does: 'verify',
      schedule: fullRead,
      windowsZone: zoneOf(fullRead),
    },
  ];
}

function testRestores(task: TaskManifest, word: string): readonly AzureTaskFlow[] {
  const schedule = testRestoreIn('azure', task);
  if (!schedule) return [];
  return [
    {
      id: `azure.task.${task.name}.test-restore`,
      from: testRestorePaths(task),
      name: fitName(`${word}-test-restore`, LONGEST_FLOW),
      does: 'test-restore',
      schedule,
      windowsZone: zoneOf(schedule),
    },
  ];
}

/** What Automation starts on the task's host: its runs, and after the window what keeps its folder. */
export function azureTaskStarts(task: TaskManifest, word: string): readonly AzureTaskStart[] {
  const runs = task.runs.map((run): AzureTaskStart => ({
    id: `azure.${run.id}.start`,
    from: [...run.from],
    name: fitName(`${word}-${run.for.join('-')}`, 100),
    runbook: fitName(`backup-${word}-${run.for.join('-')}`, 63),
    command: 'backup',
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
  }));
  if (!task.local) return runs;
  const keep = (['verify', 'prune'] as const).map((command): AzureTaskStart => ({
    id: `azure.task.${task.name}.local.${command}`,
    from: [],
    name: fitName(`${word}-local-${command}`, 100),
    runbook: fitName(`${command}-${word}`, 63),
    command,
    schedule: afterWindow(task.window, task.name, `local ${command}`, command === 'prune' ? 'later' : 'at once'),
  }));
  return [...runs, ...keep];
}

/** A zone that Windows does not have is refused by a check of the plan; intervals count in UTC. */
function zoneOf(schedule: RunSchedule): string {
  return schedule.kind === 'interval' ? 'UTC' : (windowsZone(schedule.timeZone) ?? 'UTC');
}
