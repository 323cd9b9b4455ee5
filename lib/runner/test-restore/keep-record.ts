import type { RestoreRecord, TaskManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { closePlaces, openPlaces, placesOf } from '../places';
import { RECORD_KEY_VARIABLE, openRecordKey, recordKeyNames } from '../record/key';
import type { RecordKey } from '../record/key';
import { writeRecord } from '../record/write';
import { StoreError } from '../store/store';

export interface KeepOptions {
  readonly slot: string;
  /** Id of the place that was read. @default - the first one of the task that takes it */
  readonly place: string | undefined;
  /** Ids of the places that are meant. @default - all */
  readonly only: readonly string[] | undefined;
  readonly key: RecordKey;
}

/**
 * Opens the key before anything else, so that what is wrong with it is known early.
 * @returns why nothing will be signed, in words
 */
export async function openSigningKey(
  asked: readonly string[] | undefined,
  machine: Machine,
): Promise<RecordKey | { readonly why: string }> {
  const [name] = recordKeyNames(asked, machine);
  if (name === undefined) return { why: `no key signs it: give --record-key, or set ${RECORD_KEY_VARIABLE}` };
  try {
    return await openRecordKey(name, machine);
  } catch (error) {
    if (error instanceof EngineError) return { why: error.fix ? `${error.message}; ${error.fix}` : error.message };
    throw error;
  }
}

/**
 * Writes a record beside the backups that it is about.
 * @returns its name, or why it is not kept
 */
export async function keepRecord(
  record: RestoreRecord,
  task: TaskManifest,
  { slot, place, only, key }: KeepOptions,
  machine: Machine,
): Promise<{ readonly name: string; readonly store: string } | { readonly why: string }> {
  // Beside what was read; of a replica, which nobody writes to, wherever else the task keeps something.
  const beside = place !== undefined && placesOf(task).includes(place) ? [place] : undefined;
  const asked = only?.filter((one) => placesOf(task).includes(one)) ?? [];
  const opened = await openPlaces(task, machine, {
    with: 'copies',
    only: beside ?? (asked.length > 0 ? asked : undefined),
  });
  const refused = opened.dropped.map(({ store, why }) => `${store}: ${why}`);
  try {
    for (const { store } of opened.places) {
      try {
        return { name: await writeRecord(record, { store, slot, key, machine }), store: store.id };
      } catch (error) {
        if (!(error instanceof StoreError) && !(error instanceof EngineError)) throw error;
        refused.push(`${store.id}: ${error.message}`);
      }
    }
  } finally {
    await closePlaces(opened.places);
  }
  return { why: refused.join('; ') || 'the task has no place that could keep it' };
}
