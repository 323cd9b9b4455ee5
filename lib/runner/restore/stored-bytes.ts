import { encodingAt, placedBy, sizesBy } from '../placement';
import type { PlacedChain } from './point';

/** What is read of the store. */
export function storedBytes({ place: { store }, members }: PlacedChain): number {
  return members.reduce((sum, { manifest, entry }) => {
    const sizes = sizesBy(placedBy(entry));
    return sum + manifest.streams.reduce((all, one) => all + (encodingAt(one, store.id, sizes)?.bytes ?? 0), 0);
  }, 0);
}
