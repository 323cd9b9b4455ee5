import type { HostTimer, RunSchedule, TaskManifest } from '../contract';
import { spread } from '../units';
import { afterWindow } from './after-window';
import { isOnWindows } from './host';

/** Nobody in the cloud sees the end of a run on a host: what is there is verified this often, at a minute of its own. */
const WATCH_SECONDS = 3600;

/**
 * Whether a task's host starts its runs by timers of its own: a host with Linux whose cloud has nothing that reaches it.
 * On AWS Systems Manager does, and on Azure Automation starts SQL Server.
 */
export function startsByTimers(task: TaskManifest): boolean {
  if (task.host === 'container' || task.cloud === 'aws' || isOnWindows(task)) return false;
  return !(task.cloud === 'azure' && task.engine === 'sqlserver');
}

/** The runs of such a task, and after the window the pruning of its folder. */
export function hostTimers(task: TaskManifest): readonly HostTimer[] {
  const runs = task.runs.map(({ for: types, type, schedule }): HostTimer => ({ does: types[0] ?? type, schedule }));
  if (!task.local) return runs;
  return [...runs, { does: 'prune', schedule: afterWindow(task.window, task.name, 'local prune', 'later') }];
}

/** When what such a task stored is verified. */
export function watchSchedule({ name }: Pick<TaskManifest, 'name'>): RunSchedule {
  return { kind: 'interval', everySeconds: WATCH_SECONDS, offsetSeconds: spread(`${name} watch`, 60) * 60 };
}

/** Paths of the spec that such a verification answers for: nothing else in a template knows the runs. */
export function watchPaths({ runs }: TaskManifest): string[] {
  return [...new Set(runs.flatMap(({ from }) => from))].sort();
}

/** Terraform variable with who the hosts of a task are. */
export function hostsVariable(word: string): string {
  return `hosts_${word.replace(/-/g, '_')}`;
}
