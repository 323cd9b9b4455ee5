import type { CommandName } from './arguments';
import { backupCommand } from './backup';
import type { Command } from './command';
import { listCommand } from './list';
import { pruneCommand } from './prune';
import { verifyCommand } from './verify';

const HANDLERS: Readonly<Record<CommandName, Command>> = {
  backup: backupCommand,
  verify: verifyCommand,
  list: listCommand,
  prune: pruneCommand,
};

export const dispatch: Command = (asked, task, machine, output) =>
  HANDLERS[asked.command](asked, task, machine, output);
