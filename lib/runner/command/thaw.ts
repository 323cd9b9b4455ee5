import { EXIT } from '../exit-code';
import { thawAhead } from '../restore/thaw-ahead';
import { readWish } from '../restore/wish';
import type { Command } from './command';

/** `thaw`: what a restore will read is asked out of an archive, by whoever may do that. */
export const thawCommand: Command = async (asked, task, machine, output) => {
  const { from, archived, retrievalTier } = asked.restore;
  const wish = readWish(from ?? 'latest');
  if ('wrong' in wish) {
    output.stderr(`hypdr-runner: ${wish.wrong}\n`);
    return EXIT.badInvocation;
  }
  const report = await thawAhead(task, { wish, only: asked.stores, archived, retrievalTier }, machine);
  machine.status?.clear();
  const { exit, backup, store, why } = report;
  if (asked.format === 'json') output.stdout(`${JSON.stringify(report, null, 2)}\n`);
  else if (why === undefined) output.stdout(`${backup} can be read in ${store}\n`);
  else output.stderr(`${backup === undefined ? '' : `${backup}: `}${why}\n`);
  return exit;
};
