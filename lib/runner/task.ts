import { BackupType } from '../contract';
import type { TaskManifest, TaskRun } from '../contract';

/**
 * The run of a task that a word of the command line means: a type of the spec, or what runs for it. Without a word it is
 * the type that the spec names for runs by hand (`backup_type` of SQL Server), else a full.
 */
export function runFor(task: TaskManifest, type: BackupType | undefined): TaskRun | undefined {
  if (type === undefined) {
    const byHand = BackupType.safeParse(task.options.backup_type).data;
    const asked = byHand && runFor(task, byHand);
    return asked ?? task.runs.find((run) => run.type === 'full') ?? task.runs[0];
  }
  return task.runs.find((run) => run.for.includes(type)) ?? task.runs.find((run) => run.type === type);
}

export const LOCAL = 'local';
