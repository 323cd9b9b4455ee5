import { backup } from '../backup';
import { describeBackup } from '../dry-run';
import { EXIT } from '../exit-code';
import { hostError } from '../host-error';
import { runEvent } from '../metrics/event';
import { toEmf, toPrometheus, toStructuredLog } from '../metrics/formats';
import { replaceFile } from '../metrics/replace-file';
import type { Command, Output } from './command';

export const backupCommand: Command = async (asked, task, machine, output) => {
  if (asked.dryRun) {
    output.stdout(describeBackup(task, asked, machine.now()));
    return EXIT.success;
  }
  const started = machine.seconds();
  const { type, slot, shrinkage, movedLocal } = asked;
  const outcome = await backup(task, { type, slot, shrinkage, movedLocal }, machine);
  if (outcome.why) output.stderr(`${outcome.why}\n`);
  try {
    writeMetrics(asked.metrics ?? 'log', runEvent(task, outcome, machine.seconds() - started, machine.now()), output);
  } catch (error) {
    const failure = hostError(error);
    if (!failure) throw error;
    // The backup is what it is, whoever hears of it.
    machine.log({ level: 'warning', event: 'metrics_lost', message: failure.message, task: task.name });
  }
  return outcome.exit;
};

function writeMetrics(format: string, event: ReturnType<typeof runEvent>, output: Output): void {
  if (format === 'emf') output.stdout(`${toEmf(event)}\n`);
  else if (format === 'log') output.stdout(`${toStructuredLog(event)}\n`);
  else replaceFile(format.slice('prometheus:'.length), toPrometheus(event));
}
