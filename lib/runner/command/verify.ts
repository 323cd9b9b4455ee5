import { bytesText } from '../progress/amounts';
import { recordKeyNames } from '../record/key';
import { recordLine } from '../record/line';
import { verify } from '../verify';
import type { VerifyOutcome } from '../verify';
import type { Command } from './command';

export const verifyCommand: Command = async (asked, task, machine, output) => {
  const recordKeys = recordKeyNames(asked.recordKeys, machine);
  const outcome = await verify(task, machine, { only: asked.stores, depth: asked.depth, recordKeys });
  for (const line of linesOf(outcome)) output.stdout(`${line}\n`);
  return outcome.exit;
};

/** What a verification came to, for people. */
export function linesOf({ verified, findings, read, records = [] }: VerifyOutcome): readonly string[] {
  const before = verified.filter((one) => one.already).length;
  const lines = [`${verified.length - before} newly verified, ${before} verified before, ${findings.length} findings`];
  if (read) lines.push(`${read.backups} backups read in full, ${bytesText(read.bytes)}`);
  if (read && read.archived.backups > 0) {
    const { backups, bytes } = read.archived;
    lines.push(`${backups} in an archive and not read, ${bytesText(bytes)}: verified by what the store knows`);
  }
  for (const { store, slot, type } of verified.filter(({ lock }) => lock === 'unlocked'))
    lines.push(`${store} ${slot}-${type}: not locked, although it was to be: it can be deleted there`);
  for (const { store, newest } of records)
    lines.push(`${store}: ${newest ? recordLine(newest.record) : 'no restore is on record here'}`);
  return [...lines, ...findings.map(({ store, key, message }) => `${store} ${key}: ${message}`)];
}
