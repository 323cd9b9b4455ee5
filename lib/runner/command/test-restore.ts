import type { RestoreRecord, TaskManifest } from '../../contract';
import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import { hostError } from '../host-error';
import type { Machine } from '../machine';
import { replaceFile } from '../metrics/replace-file';
import { testRestoreToEmf, testRestoreToPrometheus, testRestoreToStructuredLog } from '../metrics/test-restore';
import { clockText } from '../progress/amounts';
import { slotOf } from '../slot';
import { keepRecord, openSigningKey } from '../test-restore/keep-record';
import { testRestore } from '../test-restore/test-restore';
import type { TestRestored } from '../test-restore/test-restore';
import type { Invocation } from './arguments';
import type { Command, Output } from './command';

/** Nothing was tested: a record would say that something failed which was not tried. */
const UNTRIED: readonly ExitCode[] = [EXIT.retry, EXIT.overlap, EXIT.interrupted];

/** `test-restore`: what came of it is told, measured, and kept under a signature. */
export const testRestoreCommand: Command = async (asked, task, machine, output) => {
  const { restore, stores: only } = asked;
  const slot = asked.slot ?? slotOf(machine.now());
  const key = await openSigningKey(asked.recordKeys, machine);
  const done = await testRestore(task, { slot, only, scratch: restore.scratch }, machine);
  const tested: TestRestored = { ...done, record: { ...done.record, kind: restore.rehearsal } };
  machine.status?.clear();
  const kept = UNTRIED.includes(tested.exit)
    ? undefined
    : 'why' in key
      ? key
      : await keepRecord(tested.record, task, { slot, place: tested.place, only, key }, machine);
  const lost = kept && 'why' in kept ? `the record is not kept: ${kept.why}` : undefined;
  const exit = tested.exit === EXIT.success && lost !== undefined ? EXIT.degraded : tested.exit;
  tell(asked, { ...tested, exit }, kept && 'name' in kept ? kept : undefined, output);
  if (lost !== undefined) output.stderr(`warning: ${lost}\n`);
  if (!UNTRIED.includes(tested.exit)) measure(asked, tested.record, task, machine, output);
  return exit;
};

function tell(
  { format }: Invocation,
  { exit, record, said }: TestRestored,
  kept: { readonly name: string; readonly store: string } | undefined,
  { stdout, stderr }: Output,
): void {
  if (format === 'json') {
    if (said !== undefined && said !== record.why) stderr(`the test restore failed: ${said}\n`);
    stdout(`${JSON.stringify({ exit, record, ...(kept && { kept }) }, null, 2)}\n`);
    return;
  }
  const { backup, store, why, rtoAchievedSeconds: rto, rpoAchievedSeconds: rpo } = record;
  if (backup) stdout(`${backup.slot}-${backup.type} of ${backup.pointInTime}${store ? ` from ${store}` : ''}\n`);
  for (const { step, seconds } of record.steps) stdout(`step: ${step}: ${clockText(seconds)}\n`);
  for (const { kind, name, result, expected, found } of record.checks) {
    const about = [expected && `expected ${expected}`, found && `found ${found}`].filter(Boolean).join(', ');
    (result === 'failed' ? stderr : stdout)(`${result}: ${kind} ${name}${about ? `: ${about}` : ''}\n`);
  }
  if (rto !== undefined && rpo !== undefined) stdout(`achieved: RTO ${clockText(rto)}, RPO ${clockText(rpo)}\n`);
  for (const one of record.warnings) stderr(`warning: ${one}\n`);
  if (why === undefined) stdout('the test restore passed\n');
  else stderr(`the test restore failed: ${said ?? why}\n`);
  if (kept) stdout(`record: ${kept.store} ${kept.name}\n`);
}

function measure(
  { metrics }: Invocation,
  record: RestoreRecord,
  task: TaskManifest,
  machine: Machine,
  output: Output,
): void {
  if (metrics === undefined) return;
  const at = machine.now();
  try {
    if (metrics === 'emf') output.stdout(`${testRestoreToEmf(record, at)}\n`);
    else if (metrics === 'log') output.stdout(`${testRestoreToStructuredLog(record, at)}\n`);
    else replaceFile(metrics.slice('prometheus:'.length), testRestoreToPrometheus(record, at));
  } catch (error) {
    const failure = hostError(error);
    if (!failure) throw error;
    machine.log({ level: 'warning', event: 'metrics_lost', message: failure.message, task: task.name });
  }
}
