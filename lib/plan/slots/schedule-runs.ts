import type { EngineName, TaskRun } from '../../contract';
import type { Days, Weekday } from '../../units';
import { WEEKDAYS } from '../../units';
import type { RunDraft } from '../run';
import { expectedSeconds } from './duration';
import { frequencyOf } from './frequency';
import { place } from './place';
import type { Placement } from './place';
import type { Window } from './window';

export interface SchedulableSet {
  readonly name: string;
  readonly engine: EngineName;
  /** Seconds that deployment.tasks.<name>.expected_duration says. */
  readonly expectedSeconds: number | undefined;
  readonly runs: readonly RunDraft[];
}

export interface ScheduledRuns extends Pick<Placement, 'tooSmall'> {
  readonly runs: readonly TaskRun[];
}

/** Gives each run of a data set its start in the window. */
export function scheduleRuns(set: SchedulableSet, window: Window): ScheduledRuns {
  const unplaced = set.runs.map((run) => ({
    id: run.id,
    frequency: frequencyOf(run.cadence),
    days: daysOf(run),
    expectedSeconds: expectedSeconds(set.engine, run.type, set.expectedSeconds),
    chained: run.type !== 'log',
  }));
  const { schedules, tooSmall } = place(set.name, unplaced, window);
  const runs = set.runs.map(({ day: _day, notOn: _notOn, ...run }, index): TaskRun => {
    const schedule = schedules.get(run.id);
    const expected = unplaced[index]?.expectedSeconds;
    if (!schedule || expected === undefined) throw new Error(`no schedule for ${run.id}`);
    return { ...run, schedule, expectedSeconds: expected };
  });
  return { runs, tooSmall };
}

/** The days on which the window opens for a run. */
function daysOf({ cadence, day, notOn }: RunDraft): Days {
  const { kind } = frequencyOf(cadence);
  if (kind === 'weekly') return { kind: 'weekdays', weekdays: [weekday(day) ?? 'sunday'] };
  if (kind === 'monthly') return { kind: 'month_day', monthDay: typeof day === 'number' ? day : 1 };
  if (typeof notOn === 'number') return { kind: 'not_month_day', monthDay: notOn };
  const free = weekday(notOn);
  return free ? { kind: 'weekdays', weekdays: WEEKDAYS.filter((one) => one !== free) } : { kind: 'all' };
}

function weekday(day: string | number | undefined): Weekday | undefined {
  return WEEKDAYS.find((one) => one === day);
}
