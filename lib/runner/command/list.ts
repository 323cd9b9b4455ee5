import { EXIT } from '../exit-code';
import { listBackups } from '../list';
import type { ListedBackup } from '../list';
import type { Command } from './command';

export const listCommand: Command = async (asked, task, machine, output) => {
  const listing = await listBackups(task, machine, asked.stores);
  if (asked.format === 'json') {
    output.stdout(`${JSON.stringify(listing, null, 2)}\n`);
  } else {
    for (const one of listing.backups) output.stdout(`${lineOf(one)}\n`);
    for (const { store, why } of listing.unreachable) output.stderr(`${store}: ${why}\n`);
    for (const { store, key, why } of listing.unreadable) output.stderr(`${store} ${key}: ${why}\n`);
  }
  return listing.unreachable.length > 0 ? EXIT.retry : EXIT.success;
};

function lineOf({ slot, type, bytes, state, chain, degraded, lock, store }: ListedBackup): string {
  const whole = degraded ? 'degraded' : 'whole   ';
  return `${slot}  ${type.padEnd(12)}  ${String(bytes).padStart(14)}  ${state.padEnd(8)}  ${chain.padEnd(8)}  ${whole}  ${(lock ?? '').padEnd(8)}  ${store}`;
}
