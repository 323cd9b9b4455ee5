import type { BackupType, ProtectionPlan, RunSchedule, TaskManifest } from '../contract';
import { occurrences } from '../units';
import { testRestoresOf } from './test-restore';

/** One start of one task. */
export interface PlannedRun {
  readonly task: string;
  /** What runs; `verify`: all that is stored is read again; `test-restore`: the newest backup is restored for a test. */
  readonly type: BackupType | 'verify' | 'test-restore';
  /** Types of the spec that it serves. */
  readonly for: readonly BackupType[];
  readonly start: Date;
  /** Left out for a full re-read and a test restore: how much is kept then nobody knows. */
  readonly expectedEnd?: Date;
}

/** Every run of a plan with its start in [from, to), by time, then by task. */
export function runDates(plan: ProtectionPlan, from: Date, to: Date): readonly PlannedRun[] {
  const testRestores = testRestoresOf(plan);
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
    ...checks(task, testRestores.get(task.name), from, to),
  ]);
  return runs.sort((a, b) => a.start.getTime() - b.start.getTime() || (a.task < b.task ? -1 : 1));
}

/** What only looks at what is stored, in the cloud that does it. */
function checks(task: TaskManifest, testRestore: RunSchedule | undefined, from: Date, to: Date): readonly PlannedRun[] {
  const types = task.runs.flatMap((run) => run.for);
  const kinds = [
    ['verify', task.validation.fullRead],
    ['test-restore', testRestore],
  ] as const;
  return kinds.flatMap(([type, schedule]) =>
    schedule
      ? [...occurrences(schedule, from, to)].map((start): PlannedRun => ({ task: task.name, type, for: types, start }))
      : [],
  );
}
