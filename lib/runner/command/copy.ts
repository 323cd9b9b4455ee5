import { copy } from '../copy/copy';
import type { Command } from './command';

export const copyCommand: Command = async (asked, task, machine, output) => {
  const { exit, lines } = await copy(task, { only: asked.stores, mode: asked.dryRun ? 'dry-run' : 'copy' }, machine);
  for (const { store, backup, fate, why } of lines) {
    output.stdout(`${fate.padEnd(10)}  ${store}${backup && `  ${backup}`}: ${why}\n`);
  }
  if (lines.length === 0) output.stdout('nothing is lacking anywhere\n');
  return exit;
};
