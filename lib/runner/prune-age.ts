import type { TaskManifest } from '../contract';
import { expiriesOf, sortHistory } from './chain';
import type { LedgerRead, Place } from './history';
import { listPrefix } from './object-key';
import { orphansIn } from './prune-orphans';
import { planPrune } from './prune-plan';
import { slotDate } from './slot';
import type { StoredObject } from './store/store';

/** How long a store has kept what nothing needs any more. */
export interface PruneAge {
  readonly store: string;
  /** Seconds since the first of it could have been removed; 0 where nothing is left that a prune had to take. */
  readonly ageSeconds: number;
  /** Seconds that it may be. */
  readonly allowedSeconds: number;
}

const DAY_SECONDS = 86_400;
/** A prune comes each day: two may fail, and a third has time to end. */
export const PRUNE_ALLOWED_SECONDS = 3 * DAY_SECONDS;

/**
 * Whether prunes do their work, by what is left: a prune of three days ago would have removed it by what was verified then,
 * and it is there. Whether one ran says less, since it may end well and remove nothing. The names of what lies there are
 * enough. What a manifest says to be locked may stay until then, counted from its verification, since copies are locked
 * when they come; what nobody published for as long as the longest lock of a run.
 */
export async function pruneAge(
  place: Place,
  task: TaskManifest,
  { entries }: Pick<LedgerRead, 'entries'>,
  now: Date,
): Promise<PruneAge> {
  const then = new Date(now.getTime() - PRUNE_ALLOWED_SECONDS * 1000);
  const objects: StoredObject[] = [];
  for await (const object of place.store.list(listPrefix(place.path))) {
    if (!object.key.startsWith('_')) objects.push(object);
  }
  const due = [...dueBackups(entries, objects, { place, task, then }), ...dueOrphans(entries, objects, { task, then })];
  const first = Math.min(...due.filter((at) => at <= then.getTime()), Infinity);
  return {
    store: place.store.id,
    ageSeconds: first === Infinity ? 0 : Math.floor((now.getTime() - first) / 1000),
    allowedSeconds: PRUNE_ALLOWED_SECONDS,
  };
}

interface Then {
  readonly task: TaskManifest;
  readonly then: Date;
}

/** When each backup could have gone that a prune would have taken then, and is there. */
function dueBackups(
  entries: LedgerRead['entries'],
  objects: readonly StoredObject[],
  { place, task, then }: Then & { readonly place: Place },
): readonly number[] {
  const there = new Set(objects.map(({ key }) => key));
  const known = entries.filter(({ entry }) => Date.parse(entry.verifiedAt) <= then.getTime());
  const history = sortHistory(known);
  const expiries = expiriesOf(history, place.keptDays);
  const keyOf = new Map(known.map(({ sha256, entry }) => [sha256, entry.manifestKey]));
  return planPrune(history, task, then, place.keptDays)
    .filter(({ fate, stored }) => fate === 'remove' && there.has(keyOf.get(stored.sha256) ?? ''))
    .map(({ stored: { sha256, manifest, verifiedAt } }) => {
      const lock = Date.parse(manifest.lockedUntil) - (slotDate(manifest.slot)?.getTime() ?? 0);
      return Math.max(expiries.get(sha256) ?? 0, Date.parse(verifiedAt ?? manifest.endedAt) + lock);
    });
}

/** When each object could have gone that no backup names: a day after it was written, and after what a bucket locks by itself. */
function dueOrphans(
  entries: LedgerRead['entries'],
  objects: readonly StoredObject[],
  { task, then }: Then,
): readonly number[] {
  const ledger = new Map(entries.map(({ entry }) => [entry.manifestKey, entry]));
  const lockDays = Math.max(0, ...task.runs.map((run) => run.lockDays));
  const written = new Map(objects.map(({ key, modified }) => [key, modified.getTime()]));
  return orphansIn(objects, ledger, then).map((key) => (written.get(key) ?? 0) + (1 + lockDays) * DAY_SECONDS * 1000);
}

/** By how much the worst of a task's stores is not pruned, in seconds. @returns `undefined` where no store could be asked */
export function pruneOverdueSeconds(ages: readonly PruneAge[]): number | undefined {
  if (ages.length === 0) return undefined;
  return Math.max(0, ...ages.map(({ ageSeconds, allowedSeconds }) => ageSeconds - allowedSeconds));
}
