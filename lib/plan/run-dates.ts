import type { BackupType, ProtectionPlan, TaskManifest } from '../contract';
import { occurrences } from '../units';

/** One start of one task. */
export interface PlannedRun {
  readonly task: string;
  /** What runs; `verify`: all that is stored is read again. */
  readonly type: BackupType | 'verify';
  /** Types of the spec that it serves. */
  readonly for: readonly BackupType[];
  readonly start: Date;
  /** Left out for a full re-read: how much is kept then nobody knows. */
  readonly expectedEnd?: Date;
}

/** Every run of a plan with its start in [from, to), by time, then by task. */
export function runDates(plan: ProtectionPlan, from: Date, to: Date): readonly PlannedRun[] {
  const runs = plan.tasks.flatMap((task) => [
    ...task.runs.flatMap((run) =>
      [...occurrences(run.schedule, from, to)].map((start): PlannedRun => ({
        task: task.name,
        type: run.type,
        for: run.for,
        start,
        expectedEnd: new Date(start.getTime() + run.expectedSeconds * 1000),
      })),
    ),
    ...fullReads(task, from, to),
  ]);
  return runs.sort((a, b) => a.start.getTime() - b.start.getTime() || (a.task < b.task ? -1 : 1));
}

function fullReads({ name, runs, validation }: TaskManifest, from: Date, to: Date): readonly PlannedRun[] {
  if (!validation.fullRead) return [];
  const types = runs.flatMap((run) => run.for);
  return [...occurrences(validation.fullRead, from, to)].map((start) => ({
    task: name,
    type: 'verify',
    for: types,
    start,
  }));
}
