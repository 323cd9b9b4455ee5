import type { TaskManifest } from '../contract';
import { chainOf } from './chain';
import { historyOf, readLedger, readManifests } from './history';
import type { Machine } from './machine';
import { lockClaim } from './lock-claim';
import type { LockClaim } from './lock-claim';
import { closePlaces, openPlaces } from './places';

/** One backup in one store. */
export interface ListedBackup {
  readonly store: string;
  readonly slot: string;
  readonly type: string;
  readonly bytes: number;
  readonly state: 'stored' | 'verified';
  readonly chain: 'complete' | 'broken';
  readonly degraded: number;
  /** @default - the manifest says nothing of locks there */
  readonly lock?: LockClaim;
  readonly expiresAt: string;
}

export interface Listing {
  readonly backups: readonly ListedBackup[];
  readonly unreachable: readonly { readonly store: string; readonly why: string }[];
  readonly unreadable: readonly { readonly store: string; readonly key: string; readonly why: string }[];
}

/** `list`: what each store holds of a data set, oldest first; what cannot be read is named. */
export async function listBackups(task: TaskManifest, machine: Machine): Promise<Listing> {
  const { places, dropped } = await openPlaces(task, machine);
  const backups: ListedBackup[] = [];
  const unreadable: Listing['unreadable'][number][] = [];
  try {
    for (const place of places) {
      const read = await readManifests(place, task.name);
      const ledger = await readLedger(place, task.name);
      const verified = new Set(ledger.entries.map((one) => one.sha256));
      const history = historyOf(read);
      for (const { key, why } of [...read.unreadable, ...ledger.unreadable])
        unreadable.push({ store: place.store.id, key, why });
      for (const stored of history) {
        const { slot, type, streams, degraded, expiresAt } = stored.manifest;
        const bytes = streams.reduce(
          (sum, stream) => sum + (stream.encodings.find((one) => one.stores.includes(place.store.id))?.bytes ?? 0),
          0,
        );
        const lock = lockClaim(stored.manifest, place.store);
        backups.push({
          store: place.store.id,
          slot,
          type,
          bytes,
          state: verified.has(stored.sha256) ? 'verified' : 'stored',
          chain: chainOf(history, stored) ? 'complete' : 'broken',
          degraded: degraded.length,
          ...(lock && { lock }),
          expiresAt,
        });
      }
    }
  } finally {
    await closePlaces(places);
  }
  return { backups, unreachable: dropped, unreadable };
}
