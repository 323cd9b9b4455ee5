import type { LedgerEntry, TaskManifest } from '../contract';
import { expiriesOf, sortHistory } from './chain';
import type { LedgerRead, Place } from './history';
import type { LedgerLook } from './ledger-look';
import { listPrefix } from './object-key';
import { orphansIn } from './prune-orphans';
import { entriesWithMore, lockEnd, mayHaveGone } from './prune-look';
import { planPrune } from './prune-plan';
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
export async function pruneAge(place: Place, task: TaskManifest, ledger: LedgerLook, now: Date): Promise<PruneAge> {
  const then = new Date(now.getTime() - PRUNE_ALLOWED_SECONDS * 1000);
  const objects: StoredObject[] = [];
  for await (const object of place.store.list(listPrefix(place.path))) {
    if (!object.key.startsWith('_')) objects.push(object);
  }
  const asked = { ledger, objects, task, keptDays: place.keptDays, then };
  const entries = (await mayHaveGone(asked)) ? await ledger.all() : [];
  const due = [
    ...dueBackups(entries, objects, { place, task, then }),
    ...dueOrphans(await entriesWithMore(asked), objects, { task, then }),
  ].filter((at) => at <= then.getTime());
  return pruneAgeOf(place, due, now);
}

function pruneAgeOf({ store }: Place, due: readonly number[], now: Date): PruneAge {
  const first = due.reduce((least, at) => Math.min(least, at), Infinity);
  return {
    store: store.id,
    ageSeconds: first === Infinity ? 0 : Math.floor((now.getTime() - first) / 1000),
    allowedSeconds: PRUNE_ALLOWED_SECONDS,
  };
}

interface Then {
  readonly task: TaskManifest;
  readonly then: Date;
}

/** When each backup could have gone that a prune would have taken then, and is there. */
export function dueBackups(
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
    .map(({ stored }) => Math.max(expiries.get(stored.sha256) ?? 0, lockEnd(stored)));
}

/** When each object could have gone that no backup names: a day after it was written, and after what a bucket locks by itself. */
export function dueOrphans(
  ledger: ReadonlyMap<string, LedgerEntry>,
  objects: readonly StoredObject[],
  { task, then }: Then,
): readonly number[] {
  const lockDays = Math.max(0, ...task.runs.map((run) => run.lockDays));
  const written = new Map(objects.map(({ key, modified }) => [key, modified.getTime()]));
  return orphansIn(objects, ledger, then).map((key) => (written.get(key) ?? 0) + (1 + lockDays) * DAY_SECONDS * 1000);
}

/** By how much the worst of a task's stores is not pruned, in seconds. @returns `undefined` where no store could be asked */
export function pruneOverdueSeconds(ages: readonly PruneAge[]): number | undefined {
  if (ages.length === 0) return undefined;
  return Math.max(0, ...ages.map(({ ageSeconds, allowedSeconds }) => ageSeconds - allowedSeconds));
}
