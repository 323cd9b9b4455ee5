import type { TaskManifest } from '../contract';
import { chainOf, sortHistory } from './chain';
import { readLedger } from './history';
import type { LedgerRead, Place } from './history';
import type { Machine } from './machine';
import { closePlaces, openPlaces } from './places';
import { StoreError } from './store/store';
import { versionsUnder } from './versions';
import type { Versions } from './versions';

/** Backups that can be restored from a store: verified there, their objects still listed, their chains complete. */
export type Restorable = ReadonlySet<string>;

/**
 * What each store that a task writes to can restore, by the hashes of the manifests.
 * @returns why it is not known when a store cannot be read
 */
export async function restorableIn(
  task: TaskManifest,
  machine: Machine,
): Promise<ReadonlyMap<string, Restorable> | { readonly why: string }> {
  const { places, dropped } = await openPlaces(task, machine, { only: task.stores.map((one) => one.store) });
  try {
    const [out] = dropped;
    if (out) return { why: `${out.store} can't be looked at: ${out.why}` };
    const stores = new Map<string, Restorable>();
    for (const place of places) stores.set(place.store.id, await restorableAt(place, task.name));
    return stores;
  } catch (error) {
    if (error instanceof StoreError) return { why: error.message };
    throw error;
  } finally {
    await closePlaces(places);
  }
}

/** The same for one store. */
export async function restorableAt(place: Place, task: string): Promise<Restorable> {
  const [ledger, versions] = [await readLedger(place, task), await versionsUnder(place)];
  const history = sortHistory(ledger.entries.filter((one) => isThere(one, versions)));
  return new Set(history.filter((one) => chainOf(history, one)).map((one) => one.sha256));
}

/** Whether every object that was verified is still listed, in the version that was seen. */
export function isThere({ entry }: LedgerRead['entries'][number], versions: Versions): boolean {
  return entry.objects.every(({ key, bytes, version }) =>
    (versions.get(key) ?? []).some(
      (one) => !one.deleteMarker && one.bytes === bytes && (version === undefined || one.version === version),
    ),
  );
}
