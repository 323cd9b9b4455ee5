import type { LedgerEntry } from '../contract';
import { expiriesOf, newestRestorable, ofThePast, sortHistory } from './chain';
import type { StoredManifest } from './manifest';
import type { Versions } from './versions';

/**
 * Hashes of the backups that nobody needs any more: their time and that of all that follows them has passed, and the
 * newest chain is another one, which prune never removes either. A lifecycle may put a marker over these.
 */
export function pastTheirTime(
  entries: readonly StoredManifest[],
  now: Date,
  keptDays: number | undefined,
): ReadonlySet<string> {
  const history = sortHistory(entries);
  const expiries = expiriesOf(history, keptDays);
  const newest = newestRestorable(ofThePast(history, now));
  const kept = new Set(newest?.members.map(({ sha256 }) => sha256));
  return new Set(
    history
      .filter(({ sha256 }) => !kept.has(sha256) && (expiries.get(sha256) ?? Infinity) <= now.getTime())
      .map(({ sha256 }) => sha256),
  );
}

/** Whether a delete marker is what a list shows of a manifest. */
export function isMarked({ manifestKey }: LedgerEntry, versions: Versions): boolean {
  return versions.get(manifestKey)?.at(-1)?.deleteMarker === true;
}
