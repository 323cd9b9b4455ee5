import type { TaskManifest } from '../contract';
import { EngineError } from './engine/engine';
import type { Place } from './history';
import type { Machine } from './machine';
import { openRecordKey } from './record/key';
import type { RecordKey } from './record/key';
import { readRecords } from './record/read';
import type { GoodRecord } from './record/read';
import { readFirstLedger } from './restore/ledger';
import type { FirstLedger } from './restore/ledger';
import type { ReportFinding } from './verify';

/**
 * Keys by which records are known. With one that can't be opened, none are used: what it signed would look like a
 * stranger's.
 * @param open - for tests
 */
export async function openRecordKeys(
  names: readonly string[],
  machine: Machine,
  report: ReportFinding,
  open = openRecordKey,
): Promise<readonly RecordKey[]> {
  const keys: RecordKey[] = [];
  let lacking = false;
  for (const name of names) {
    try {
      keys.push(await open(name, machine));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      lacking = true;
      const { kind, message, fix } = error;
      report('', kind === 'retry' ? 'unreachable' : 'config', fix === '' ? message : `${message}; ${fix}`);
    }
  }
  return lacking ? [] : keys;
}

/**
 * Reads the records of a place: each has to be signed by a known key, be about the data set, and not contradict the
 * ledger, where the backup that it speaks of stands for ever, pruned or not.
 * @returns the newest good one
 */
export async function verifyRecords(
  place: Place,
  task: TaskManifest,
  { keys, now, report }: { readonly keys: readonly RecordKey[]; readonly now: Date; readonly report: ReportFinding },
): Promise<GoodRecord | undefined> {
  const { good, problems } = await readRecords(place, { task: task.name, keys, now });
  for (const { key, kind, why } of problems) report(key, kind, why);
  // Entries of every path that the data set ever had: only records that are there ask for them.
  const ledger = good.some(({ record }) => record.backup)
    ? await readFirstLedger({ ...place, path: '' }, task.name)
    : undefined;
  return good.filter(({ key, record }) => {
    const why = ledger && contradiction(record, place, ledger);
    if (why !== undefined) report(key, 'record', why);
    return why === undefined;
  })[0];
}

function contradiction(
  { backup, store }: GoodRecord['record'],
  place: Place,
  { entries }: FirstLedger,
): string | undefined {
  // What was read elsewhere stands in the ledger there.
  if (!backup || (store !== undefined && store !== place.store.id)) return undefined;
  const known = entries.find((one) => one.sha256 === backup.sha256);
  const named = `${backup.slot}-${backup.type}`;
  if (!known) return `it speaks of backup ${named}, which the ledger does not know by that hash`;
  const { slot, type } = known.manifest;
  return slot === backup.slot && type === backup.type
    ? undefined
    : `it speaks of backup ${named}, and the ledger knows that hash as ${slot}-${type}`;
}
