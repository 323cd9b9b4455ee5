import { EXIT } from '../exit-code';
import { clockText } from '../progress/amounts';
import { recordKeyNames } from '../record/key';
import type { RestoreReport } from '../restore/report';
import { restore } from '../restore/restore';
import { readWish } from '../restore/wish';
import type { Command, Output } from './command';

export const restoreCommand: Command = async (asked, task, machine, output) => {
  const { from, target, databases, replace, globals, owners, scratch, archived, retrievalTier } = asked.restore;
  const wish = readWish(from ?? 'latest');
  if ('wrong' in wish || target === undefined) {
    output.stderr(`hypdr-runner: ${'wrong' in wish ? wish.wrong : 'restore needs --target'}\n`);
    return EXIT.badInvocation;
  }
  const mode = asked.dryRun ? 'dry-run' : 'restore';
  const where = { target, databases, replace, globals, owners };
  const recordKeys = recordKeyNames(asked.recordKeys, machine);
  const how = { only: asked.stores, scratch, archived, retrievalTier, recordKeys };
  const report = await restore(task, { wish, mode, ...how, ...where }, machine);
  machine.status?.clear();
  if (asked.format === 'json') output.stdout(`${JSON.stringify(report, null, 2)}\n`);
  else say(report, output);
  return report.exit;
};

function say(report: RestoreReport, { stdout, stderr }: Output): void {
  const { point, store, target, backups, mode, steps, plan, held, stop } = report;
  if (report.why !== undefined) {
    const nearest =
      report.nearest && `; the nearest that can be restored is --from ${report.nearest.from}, of ${report.nearest.at}`;
    stderr(`nothing was restored: ${report.why}${nearest ?? ''}\n`);
  } else if (point) {
    const until = point.until === undefined ? '' : `, up to ${point.until}`;
    stdout(
      `${mode === 'dry-run' ? 'would restore' : 'restored'} ${point.slot}-${point.type} of ${point.at}${until} from ${store} to ${target}\n`,
    );
    for (const one of backups) stdout(`backup: ${one.slot}-${one.type}, ${one.bytes} bytes\n`);
    for (const one of plan) stdout(`step: ${one}\n`);
    if (report.expectedSeconds !== undefined)
      stdout(
        `expected: about ${clockText(report.expectedSeconds)}, ${report.expectedFrom === 'restore' ? 'by the newest restore on record' : 'as long as taking it took'}\n`,
      );
    for (const one of steps) stdout(`step: ${one.step}: ${clockText(one.seconds)}\n`);
    if (stop) {
      stdout(`logs end before ${stop.file}:${stop.position}\n`);
      if (stop.last) stdout(`  last that is in it: ${stop.last.at}, at ${stop.last.file}:${stop.last.position}\n`);
      if (stop.next) stdout(`  first that is not:  ${stop.next.at}, at ${stop.next.file}:${stop.next.position}\n`);
    }
    for (const one of held) stdout(`off: ${one.kind} ${one.name}; switch it on by: ${one.release}\n`);
  }
  for (const one of report.notes) stdout(`note: ${one}\n`);
  for (const one of report.warnings) stderr(`warning: ${one}\n`);
}
