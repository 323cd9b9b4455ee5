import type { AzureTaskFlow, AzureTaskStart, RunSchedule, TaskManifest } from '../contract';
import { TimeOfDay, digest, fitName } from '../units';
import { windowsZone } from '../units/windows-zone';

/** Pruning is spread over this long after the window's end. */
const SPREAD_MINUTES = 120;
/** Longest name of a Logic App. */
const LONGEST_FLOW = 43;

/** What Logic Apps do for a task: one for each run, which its verification follows at once, and one for pruning. */
export function azureTaskFlows(task: TaskManifest, word: string, startedBy: 'flow' | 'host'): readonly AzureTaskFlow[] {
  const runs = task.runs.map((run) => ({
    id: `azure.${run.id}.flow`,
    from: [...run.from],
    name: fitName(`${word}-${run.for.join('-')}`, LONGEST_FLOW),
    does: startedBy === 'flow' ? ('backup' as const) : ('follow' as const),
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
    windowsZone: zoneOf(run.schedule),
  }));
  const schedule = afterWindow(task, 'prune');
  return [
    ...runs,
    {
      id: `azure.task.${task.name}.prune`,
      from: [],
      name: fitName(`${word}-prune`, LONGEST_FLOW),
      does: 'prune',
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
    command: 'backup',
    type: run.for[0] ?? run.type,
    schedule: run.schedule,
  }));
  if (!task.local) return runs;
  const keep = (['verify', 'prune'] as const).map((command): AzureTaskStart => ({
    id: `azure.task.${task.name}.local.${command}`,
    from: [],
    name: fitName(`${word}-local-${command}`, 100),
    command,
    schedule: afterWindow(task, `local ${command}`, command === 'prune' ? SPREAD_MINUTES : 0),
  }));
  return [...runs, ...keep];
}

function afterWindow({ name, window }: TaskManifest, what: string, laterMinutes = 0): RunSchedule {
  const end = TimeOfDay.parse(window.end)?.minutes ?? 0;
  const offset = Number.parseInt(digest(`${name} ${what}`, 12), 16) % SPREAD_MINUTES;
  return {
    kind: 'calendar',
    at: TimeOfDay.minutes(end + laterMinutes + offset).toString(),
    timeZone: window.timeZone,
    days: { kind: 'all' },
  };
}

/** A zone that Windows does not have is refused by a check of the plan; intervals count in UTC. */
function zoneOf(schedule: RunSchedule): string {
  return schedule.kind === 'interval' ? 'UTC' : (windowsZone(schedule.timeZone) ?? 'UTC');
}
