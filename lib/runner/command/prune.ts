import { prune } from '../prune';
import type { Command } from './command';

export const pruneCommand: Command = async (asked, task, machine, output) => {
  const { exit, lines } = await prune(task, asked.dryRun ? 'dry-run' : 'remove', machine, asked.stores);
  for (const { store, key, fate, why } of lines) output.stdout(`${fate.padEnd(12)}  ${store}  ${key}: ${why}\n`);
  return exit;
};
