import type { LedgerEntry } from '../contract';
import { isUnfinished, readDataKey, readManifestKey, runOf } from './object-key';
import { slotDate } from './slot';
import type { StoredObject } from './store/store';

const DAY = 86_400_000;

/**
 * Keys of data that nothing names: of runs and copies that never published, of attempts other than the one that the
 * ledger holds, and files that a crash left unfinished. Nothing of a backup goes while something is still being written
 * for it: its last object has to be a day old, as its slot has to be.
 */
export function orphansIn(
  objects: readonly StoredObject[],
  ledger: ReadonlyMap<string, LedgerEntry>,
  now: Date,
): readonly string[] {
  const published = new Set(objects.filter((one) => readManifestKey(one.key)).map((one) => runOf(one.key)));
  const counted = new Map(
    [...ledger].map(([key, entry]) => [runOf(key), new Set(entry.objects.map((one) => one.key))]),
  );
  const writtenAt = new Map<string, number>();
  for (const { key, modified } of objects) {
    const run = readDataKey(key)?.run;
    if (run !== undefined) writtenAt.set(run, Math.max(writtenAt.get(run) ?? 0, modified.getTime()));
  }
  const leftAt = new Map(objects.map(({ key, modified }) => [key, modified.getTime()]));
  return [...leftAt.keys()]
    .filter((key) => {
      if (isUnfinished(key)) return now.getTime() - (leftAt.get(key) ?? 0) > DAY;
      const data = readDataKey(key);
      if (!data) return false;
      const since = Math.max(slotDate(data.slot)?.getTime() ?? 0, writtenAt.get(data.run) ?? 0);
      if (now.getTime() - since <= DAY) return false;
      // What a published backup needs is known when the ledger says so.
      const named = counted.get(data.run);
      return published.has(data.run) ? named !== undefined && !named.has(key) : true;
    })
    .sort();
}
