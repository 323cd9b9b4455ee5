import type { TaskManifest } from '../../contract';
import { TaskError } from '../load-task';
import { placesOf } from '../places';
import type { CommandName, Invocation } from './arguments';
import { backupCommand } from './backup';
import type { Command } from './command';
import { copyCommand } from './copy';
import { listCommand } from './list';
import { pruneCommand } from './prune';
import { verifyCommand } from './verify';

const HANDLERS: Readonly<Record<CommandName, Command>> = {
  backup: backupCommand,
  verify: verifyCommand,
  list: listCommand,
  prune: pruneCommand,
  copy: copyCommand,
};

/** @throws TaskError for a place that the task does not have */
export const dispatch: Command = async (asked, task, machine, output) => {
  refuseUnknown(asked, task);
  return HANDLERS[asked.command](asked, task, machine, output);
};

function refuseUnknown({ stores = [] }: Invocation, task: TaskManifest): void {
  const known = placesOf(task);
  const unknown = stores.filter((one) => !known.includes(one));
  if (unknown.length === 0) return;
  throw new TaskError(`task ${task.name} has no store ${unknown.join(', ')}; it has ${known.join(', ') || 'none'}`);
}
