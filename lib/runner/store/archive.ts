import { StoreError } from './store';
import type { StoredObject } from './store';

/** Where an object lies that not everybody can read at once. */
export interface Archive {
  /** `unknown`: its class moves objects by itself, and a list does not tell where to; `head` does. */
  readonly state: 'archived' | 'thawing' | 'thawed' | 'unknown';
  /** As the store calls it, such as `DEEP_ARCHIVE`. */
  readonly tier: string;
}

/** How fast a store is asked to be, in the words of the spec; Azure knows two, and takes `bulk` for `standard`. */
export const RETRIEVAL_TIERS = ['standard', 'expedited', 'bulk'] as const;
export type RetrievalTier = (typeof RETRIEVAL_TIERS)[number];

/** Seconds until the first byte, as the store's documentation expects them. */
export interface ThawWait {
  readonly from: number;
  readonly to: number;
}

export interface ThawRequest {
  readonly tier: RetrievalTier;
  /** For how long the readable copy stays, where the archived one stays beside it. */
  readonly days: number;
}

/** What a store can do for what lies in its archives. */
export interface Thawing {
  /** By what it can be asked for; a tier that is not there is refused. */
  waits(archive: Archive): Readonly<Partial<Record<RetrievalTier, ThawWait>>>;
  /** Asks for one version of an object; a right of its own. `under way`: somebody asked before, and it is enough. */
  request(object: StoredObject, request: ThawRequest): Promise<'requested' | 'under way' | 'readable'>;
}

/** Whether a read would be refused, as far as is known. A thawed copy is told of for as long as it is there. */
export function isArchived({ archive }: Pick<StoredObject, 'archive'>): boolean {
  return archive?.state === 'archived' || archive?.state === 'thawing';
}

/** What a read gives, or `undefined` where the store says that it lies in an archive. */
export async function unlessArchived<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'archived') return undefined;
    throw error;
  }
}
