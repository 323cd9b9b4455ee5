import type { TaskManifest } from '../../contract';
import type { ExitCode } from '../exit-code';
import { TaskError } from '../load-task';
import type { Machine } from '../machine';
import { placesOf, readablePlacesOf } from '../places';
import type { CommandName, Invocation } from './arguments';
import { backupCommand } from './backup';
import type { Command, Output } from './command';
import { copyCommand } from './copy';
import { listCommand } from './list';
import { pruneCommand } from './prune';
import { reapCommand } from './reap';
import { restorableCommand } from './restorable';
import { restoreCommand } from './restore';
import { testRestoreCommand } from './test-restore';
import { thawCommand } from './thaw';
import { verifyCommand } from './verify';

const HANDLERS: Readonly<Record<Exclude<CommandName, 'age'>, Command>> = {
  backup: backupCommand,
  verify: verifyCommand,
  list: listCommand,
  prune: pruneCommand,
  copy: copyCommand,
  restorable: restorableCommand,
  restore: restoreCommand,
  thaw: thawCommand,
  'test-restore': testRestoreCommand,
  reap: reapCommand,
};

/**
 * Every command that is for one task.
 * @throws TaskError for a place that the task does not have
 */
export async function dispatch(
  command: keyof typeof HANDLERS,
  asked: Invocation,
  task: TaskManifest,
  machine: Machine,
  output: Output,
): Promise<ExitCode> {
  refuseUnknown(command, asked, task);
  return HANDLERS[command](asked, task, machine, output);
}

/** What reads points alone; nobody verifies or prunes what replication fills. */
const READERS: readonly (keyof typeof HANDLERS)[] = ['restorable', 'restore', 'test-restore', 'thaw'];

function refuseUnknown(command: keyof typeof HANDLERS, { stores = [] }: Invocation, task: TaskManifest): void {
  const known = READERS.includes(command) ? readablePlacesOf(task) : placesOf(task);
  const unknown = stores.filter((one) => !known.includes(one));
  if (unknown.length === 0) return;
  throw new TaskError(`task ${task.name} has no store ${unknown.join(', ')}; it has ${known.join(', ') || 'none'}`);
}
