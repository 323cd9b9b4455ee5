import { verifyQuick } from '../verify';
import type { Command } from './command';

export const verifyCommand: Command = async (asked, task, machine, output) => {
  const { exit, verified, findings } = await verifyQuick(task, machine, asked.stores);
  const before = verified.filter((one) => one.already).length;
  output.stdout(`${verified.length - before} newly verified, ${before} verified before, ${findings.length} findings\n`);
  for (const { store, slot, type } of verified.filter(({ lock }) => lock === 'unlocked')) {
    output.stdout(`${store} ${slot}-${type}: not locked, although it was to be: it can be deleted there\n`);
  }
  for (const { store, key, message } of findings) output.stdout(`${store} ${key}: ${message}\n`);
  return exit;
};
