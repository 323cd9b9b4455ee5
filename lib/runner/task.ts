import type { BackupType, TaskManifest, TaskRun } from '../contract';

/** The run of a task that a word of the command line means: a type of the spec, or what runs for it. */
export function runFor(task: TaskManifest, type: BackupType | undefined): TaskRun | undefined {
  if (type === undefined) return task.runs.find((run) => run.type === 'full') ?? task.runs[0];
  return task.runs.find((run) => run.for.includes(type)) ?? task.runs.find((run) => run.type === type);
}

export const LOCAL = 'local';
