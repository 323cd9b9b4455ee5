import { bytesText } from '../progress/amounts';
import { verify } from '../verify';
import type { Command } from './command';

export const verifyCommand: Command = async (asked, task, machine, output) => {
  const options = { only: asked.stores, depth: asked.depth };
  const { exit, verified, findings, read } = await verify(task, machine, options);
  const before = verified.filter((one) => one.already).length;
  output.stdout(`${verified.length - before} newly verified, ${before} verified before, ${findings.length} findings\n`);
  if (read) output.stdout(`${read.backups} backups read in full, ${bytesText(read.bytes)}\n`);
  for (const { store, slot, type } of verified.filter(({ lock }) => lock === 'unlocked')) {
    output.stdout(`${store} ${slot}-${type}: not locked, although it was to be: it can be deleted there\n`);
  }
  for (const { store, key, message } of findings) output.stdout(`${store} ${key}: ${message}\n`);
  return exit;
};
