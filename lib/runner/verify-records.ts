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
 * Reads the records of a place: each has to be signed by a known key, be about the data set and what lies here, and not
 * contradict the ledger, where the backup that it speaks of stands for ever, pruned or not.
 * @returns the newest good one
 */
export async function verifyRecords(
  place: Place,
  task: TaskManifest,
  { keys, now, report }: { readonly keys: readonly RecordKey[]; readonly now: Date; readonly report: ReportFinding },
): Promise<GoodRecord | undefined> {
  const { good, problems } = await readRecords(place, { task: task.name, keys, now });
  for (const { key, kind, why } of problems) report(key, kind, why);
  const ofHere = good.filter(({ key, record }) => {
    const of = sourceOf(record, place, task);
    if (of === 'another store') report(key, 'stray', `it is a record of store ${record.store}: it does not count here`);
    return of === 'here';
  });
  // Entries of every path that the data set ever had: only records that are there ask for them.
  const ledger = ofHere.some(({ record }) => record.backup)
    ? await readFirstLedger({ ...place, path: '' }, task.name)
    : undefined;
  return ofHere.filter(({ key, record }) => {
    const why = ledger && contradiction(record, ledger);
    if (why !== undefined) report(key, 'record', why);
    return why === undefined;
  })[0];
}

/** What was read for a record: what lies in a place or, the same by hashes and ledger, in what replication fills from it. */
function sourceOf(
  { store }: GoodRecord['record'],
  { store: { id } }: Place,
  { replicas = [] }: TaskManifest,
): 'here' | 'by replication' | 'another store' {
  if (store === undefined || store === id) return 'here';
  if (replicas.some((one) => one.store === store && one.of === id)) return 'here';
  // Nobody writes to a replica, so its records are kept elsewhere; and replication brings records of its source.
  const isReplica = replicas.some((one) => one.store === store || (one.store === id && one.of === store));
  return isReplica ? 'by replication' : 'another store';
}

function contradiction({ backup }: GoodRecord['record'], { entries }: FirstLedger): string | undefined {
  if (!backup) return undefined;
  const known = entries.find((one) => one.sha256 === backup.sha256);
  const named = `${backup.slot}-${backup.type}`;
  if (!known) return `it speaks of backup ${named}, which the ledger does not know by that hash`;
  const { slot, type } = known.manifest;
  return slot === backup.slot && type === backup.type
    ? undefined
    : `it speaks of backup ${named}, and the ledger knows that hash as ${slot}-${type}`;
}
