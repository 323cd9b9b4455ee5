import { bytesText, clockText } from '../progress/amounts';
import { recordKeyNames } from '../record/key';
import { recordLine } from '../record/line';
import { restorable } from '../restore/restorable';
import type { RestorablePoint } from '../restore/restorable';
import { waitText } from '../restore/thaw';
import type { Command } from './command';

export const restorableCommand: Command = async (asked, task, machine, output) => {
  const keys = recordKeyNames(asked.recordKeys, machine);
  const { exit, answer } = await restorable(task, machine, asked.stores, undefined, keys);
  if (asked.format === 'json') {
    output.stdout(`${JSON.stringify(answer, null, 2)}\n`);
    return exit;
  }
  for (const one of answer.points) output.stdout(`${lineOf(one)}\n`);
  if (answer.points.length === 0) output.stdout('nothing can be restored\n');
  for (const { from, to } of answer.gaps) output.stdout(`gap: nothing reaches from ${from} to ${to}\n`);
  for (const { store, slot, type, why } of answer.broken)
    output.stdout(`broken: ${slot}-${type} in ${store}: ${why}\n`);
  for (const { store, key, why } of answer.suspected) output.stdout(`suspected: ${key} in ${store}: ${why}\n`);
  for (const { store, key } of answer.unverified) output.stdout(`not verified: ${key} in ${store}\n`);
  const { lastRestore: last } = answer;
  if (last) output.stdout(`${last.store}: ${recordLine(last.record)}\n`);
  if (answer.points.some(({ expectedFrom }) => expectedFrom === 'restore'))
    output.stdout('times are by the bytes of that restore\n');
  for (const { store, why } of answer.unreachable) output.stderr(`${store}: ${why}\n`);
  return exit;
};

function lineOf({ slot, type, at, since, degraded, expectedSeconds, stores }: RestorablePoint): string {
  const moment = since === undefined ? at.padEnd(52) : `${since} to ${at}`;
  const where = stores
    .map(({ store, bytes, archived }) => {
      const thaw = archived ? `, archived: ${waitText(archived.thawSeconds)} to thaw` : '';
      return `${store} (${bytesText(bytes)}${thaw})`;
    })
    .join(', ');
  return `${slot}-${type.padEnd(12)}  ${moment}  ${degraded ? 'degraded' : 'whole   '}  ${clockText(expectedSeconds).padStart(8)}  ${where}`;
}
