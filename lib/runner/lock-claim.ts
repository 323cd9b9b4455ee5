import type { BackupManifest } from '../contract';
import { slotDate } from './slot';
import type { Store } from './store/store';

/** What a manifest says of the locks of its objects in a store. */
export type LockClaim = 'locked' | 'unlocked';

/**
 * `undefined` where the manifest says nothing: no lock was asked, the store locks by a policy of its own or not at all,
 * the program that wrote the manifest did not look, or a copier brought it there.
 */
export function lockClaim(
  { slot, lockedUntil, unlocked, streams }: Pick<BackupManifest, 'slot' | 'lockedUntil' | 'unlocked' | 'streams'>,
  { id, locks }: Pick<Store, 'id' | 'locks'>,
): LockClaim | undefined {
  const asked = new Date(lockedUntil).getTime() > (slotDate(slot)?.getTime() ?? 0);
  if (!asked || locks !== 'objects' || !unlocked) return undefined;
  if (!streams.every(({ encodings }) => encodings.some((one) => one.stores.includes(id)))) return undefined;
  return unlocked.includes(id) ? 'unlocked' : 'locked';
}
