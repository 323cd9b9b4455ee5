import type { TaskManifest } from '../contract';
import { sortHistory } from './chain';
import { restorableIn } from './elsewhere';
import { readLedger } from './history';
import type { LedgerRead, Place } from './history';
import { capLocal } from './local-cap';
import type { CapInput, CapState } from './local-cap';
import type { Machine } from './machine';
import { listPrefix } from './object-key';
import type { PruneLine, PruneMode } from './prune';
import { orphansIn } from './prune-orphans';
import { planPrune } from './prune-plan';
import { indexRunData } from './run-data';
import type { StoreError, StoredObject } from './store/store';
import { LOCAL } from './task';

export interface PrunedPlace {
  readonly lines: readonly PruneLine[];
  /** @default - the place has no bound of its size */
  readonly cap?: CapState;
  /** Whether the store refused to remove something, which a listing does not tell everywhere. */
  readonly refused: boolean;
}

/**
 * Prunes one place, by what its own ledger holds.
 * @param restorable - what the task's stores can restore, where the size of its folder is bounded
 */
export async function prunePlace(
  place: Place,
  task: TaskManifest,
  mode: PruneMode,
  machine: Machine,
  restorable: CapInput['restorable'] = () => restorableIn(task, machine),
): Promise<PrunedPlace> {
  const { store } = place;
  const now = machine.now();
  const ledger = await readLedger(place, task.name);
  const objects: StoredObject[] = [];
  for await (const object of store.list(listPrefix(place.path), { versions: 'all' })) {
    if (!object.key.startsWith('_')) objects.push(object);
  }
  const present = new Set(objects.map((one) => one.key));
  const entries = ledger.entries.filter((one) => present.has(one.entry.manifestKey));
  const keyOf = new Map(entries.map((one) => [one.sha256, one.entry.manifestKey]));
  const decisions = planPrune(sortHistory(entries), task, now, place.keptDays);
  const maxBytes = store.id === LOCAL ? task.local?.maxBytes : undefined;
  const capped =
    maxBytes === undefined
      ? undefined
      : await capLocal({ place, decisions, entries, objects, maxBytes, task, now, restorable });

  const data = indexRunData(objects);
  const { remove, refusals } = removerIn(place, objects, mode, now);
  const lines: PruneLine[] = [];
  for (const { stored, fate, why } of capped?.decisions ?? decisions) {
    const key = keyOf.get(stored.sha256) ?? '';
    if (fate === 'keep') {
      lines.push({ store: store.id, key, fate: 'kept', why });
      continue;
    }
    const gone = await remove(key, why);
    lines.push(gone);
    if (gone.fate === 'locked') continue;
    for (const one of [...data.keysOf(key)].sort()) lines.push(await remove(one, why));
  }
  for (const key of orphansIn(objects, entriesByKey(ledger), now)) {
    if (!lines.some((one) => one.key === key))
      lines.push(await remove(key, 'nothing names it, and no run of its slot lives'));
  }
  if (capped?.says !== undefined) lines.push({ store: store.id, key: '', fate: 'kept', why: capped.says });
  // An identity that may remove nothing waits for no lock.
  const [refusal] = refusals;
  if (refusal && !lines.some((one) => one.fate === 'removed')) throw refusal;
  return { lines, refused: refusals.length > 0, ...(capped && { cap: capped.state }) };
}

function entriesByKey({ entries }: LedgerRead) {
  return new Map(entries.map(({ entry }) => [entry.manifestKey, entry]));
}

/**
 * Removes every version of an object, but none of one that is locked. Lists of S3 say nothing of locks: what the store
 * refuses to remove is left, and keeps nothing else, since whoever may write may lock what lies there, or more over it.
 */
function removerIn({ store }: Place, objects: readonly StoredObject[], mode: PruneMode, now: Date) {
  const refusals: StoreError[] = [];
  const remove = async (key: string, why: string): Promise<PruneLine> => {
    const versions = objects.filter((one) => one.key === key);
    const lock = versions.find((one) => one.retainUntil && one.retainUntil > now)?.retainUntil;
    if (lock) return { store: store.id, key, fate: 'locked', why: `${why}; locked until ${lock.toISOString()}` };
    try {
      if (mode === 'remove') for (const version of versions) await store.remove(key, version.version);
    } catch (error) {
      const { kind, message } = error as StoreError;
      if (kind !== 'denied' && kind !== 'locked') throw error;
      // Not every store says that it is for a lock.
      if (kind === 'denied') refusals.push(error as StoreError);
      return { store: store.id, key, fate: 'locked', why: `${why}; ${message}` };
    }
    return { store: store.id, key, fate: mode === 'remove' ? 'removed' : 'would remove', why };
  };
  return { remove, refusals };
}
