import type { TaskManifest } from '../../contract';
import type { Place } from '../history';
import type { Machine } from '../machine';
import type { GoodRecord } from '../record/read';
import { StoreError } from '../store/store';
import { openRecordKeys, verifyRecords } from '../verify-records';

/** The newest restore of a data set that is on record anywhere. */
export interface LastRestore extends GoodRecord {
  readonly store: string;
}

/**
 * What can be read of it: a place or a key that says no is passed over, since what can be restored does not hang on it.
 * `verify` is who tells what is wrong with records.
 */
export async function lastRestore(
  places: readonly Place[],
  task: TaskManifest,
  machine: Machine,
  keyNames: readonly string[],
): Promise<LastRestore | undefined> {
  const report = () => undefined;
  const keys = await openRecordKeys(keyNames, machine, report);
  const found: LastRestore[] = [];
  for (const place of keys.length > 0 ? places : []) {
    try {
      const newest = await verifyRecords(place, task, { keys, now: machine.now(), report });
      if (newest) found.push({ ...newest, store: place.store.id });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
  const when = ({ record }: LastRestore) => Date.parse(record.startedAt);
  return found.reduce<LastRestore | undefined>(
    (best, one) => (best && when(best) >= when(one) ? best : one),
    undefined,
  );
}
