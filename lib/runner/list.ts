import type { BackupManifest, TaskManifest } from '../contract';
import { chainOf, keptUntil, sortHistory } from './chain';
import { historyOf, readLedger, readManifests } from './history';
import type { Place } from './history';
import type { Machine } from './machine';
import { lockClaim } from './lock-claim';
import type { LockClaim } from './lock-claim';
import { encodingAt } from './placement';
import type { SizesOf } from './placement';
import { closePlaces, openPlaces } from './places';
import { indexRunData } from './run-data';
import { StoreError } from './store/store';

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

/**
 * `list`: what each store holds of a data set, oldest first; what cannot be read is named.
 * @param only - ids of the places that are meant; left out: all of the task, those that copies fill too
 */
export async function listBackups(task: TaskManifest, machine: Machine, only?: readonly string[]): Promise<Listing> {
  const { places, dropped } = await openPlaces(task, machine, { with: 'copies', only });
  const backups: ListedBackup[] = [];
  const unreachable: Listing['unreachable'][number][] = [...dropped];
  const unreadable: Listing['unreadable'][number][] = [];
  try {
    for (const place of places) {
      try {
        const listed = await listPlace(place, task.name);
        backups.push(...listed.backups);
        unreadable.push(...listed.unreadable);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        unreachable.push({ store: place.store.id, why: error.message });
      }
    }
  } finally {
    await closePlaces(places);
  }
  return { backups, unreachable, unreadable };
}

/** One place of it. */
export async function listPlace(place: Place, task: string): Promise<Pick<Listing, 'backups' | 'unreadable'>> {
  const { store } = place;
  const read = await readManifests(place, task);
  const ledger = await readLedger(place, task);
  const verified = new Set(ledger.entries.map((one) => one.sha256));
  const keys = new Map(read.manifests.map(({ stored, object }) => [stored.sha256, object.key]));
  const data = indexRunData(read.objects);
  // Of a manifest in an archive the ledger has the bytes.
  const archived = ledger.entries.filter((one) => read.archived.includes(one.entry.manifestKey));
  for (const { sha256, entry } of archived) keys.set(sha256, entry.manifestKey);
  const history = sortHistory([...historyOf(read), ...archived]);
  const backups = history.map((stored): ListedBackup => {
    const { slot, type, degraded } = stored.manifest;
    const lock = lockClaim(stored.manifest, store);
    return {
      store: store.id,
      slot,
      type,
      bytes: bytesOf(stored.manifest, store.id, (segment) =>
        data.of(keys.get(stored.sha256) ?? '', segment).map((one) => one.bytes),
      ),
      state: verified.has(stored.sha256) ? 'verified' : 'stored',
      chain: chainOf(history, stored) ? 'complete' : 'broken',
      degraded: degraded.length,
      ...(lock && { lock }),
      expiresAt: keptUntil(stored.manifest, place.keptDays).toISOString(),
    };
  });
  const unknown = read.archived
    .filter((key) => !archived.some(({ entry }) => entry.manifestKey === key))
    .map((key) => ({ key, why: 'it lies in an archive, and was never verified' }));
  const unreadable = [...read.unreadable, ...unknown, ...ledger.unreadable].map((one) => ({ store: store.id, ...one }));
  return { backups, unreadable };
}

function bytesOf({ streams }: BackupManifest, store: string, sizesOf: SizesOf): number {
  return streams.reduce((sum, stream) => sum + (encodingAt(stream, store, sizesOf)?.bytes ?? 0), 0);
}
