import type { Readable } from 'node:stream';
import type { Archive, ThawRequest, Thawing } from '../../lib/runner/store/archive';
import { StoreError } from '../../lib/runner/store/store';
import type { ListOptions, StoredObject } from '../../lib/runner/store/store';
import type { MemoryStore } from './memory-store';

export interface FreezeOptions {
  readonly tier?: string;
  /** Looks at an object that was asked for until it is there. @default 2 */
  readonly looks?: number;
  /** Whether lists tell it; `unclear`: as of Intelligent-Tiering. @default - they do */
  readonly lists?: 'silent' | 'unclear';
  /** Whether looks tell it. @default - they do */
  readonly heads?: 'silent';
  readonly refuse?: StoreError;
  /** What a look at an object is answered with. @default - by what it is */
  readonly refuseHead?: StoreError;
  /** What is asked for is there already: it came back after it was looked at. */
  readonly back?: true;
}

/** An archive of a test. */
export interface Frozen {
  /** What was asked for, in order. */
  readonly asked: readonly (ThawRequest & Pick<StoredObject, 'key' | 'version'>)[];
  /** Reads that were refused, and requests for what had been asked for. */
  readonly inVain: number;
}

const HOUR = 3600;

/** Puts the objects of a store whose keys fit into an archive, as a lifecycle does. */
export function freeze(
  store: MemoryStore,
  fits: (key: string) => boolean,
  { tier = 'GLACIER', looks = 2, lists, heads, refuse, refuseHead, back }: FreezeOptions = {},
): Frozen {
  const asked: Frozen['asked'][number][] = [];
  const left = new Map<string, number>();
  let inVain = 0;
  const [list, head, read] = [store.list.bind(store), store.head.bind(store), store.read.bind(store)];
  const archiveOf = (key: string): { readonly archive?: Archive } => {
    if (!fits(key)) return {};
    const more = left.get(key);
    return { archive: { tier, state: more === undefined ? 'archived' : more > 0 ? 'thawing' : 'thawed' } };
  };
  const listed = (key: string): { readonly archive?: Archive } => {
    if (lists === 'silent') return {};
    return lists === 'unclear' ? { archive: { tier, state: 'unknown' } } : archiveOf(key);
  };
  const thawing: Thawing = {
    waits: () => ({
      standard: { from: 3 * HOUR, to: 5 * HOUR },
      bulk: { from: 5 * HOUR, to: 12 * HOUR },
      ...(tier === 'DEEP_ARCHIVE' ? {} : { expedited: { from: 60, to: 300 } }),
    }),
    request: ({ key, version }, request) => {
      if (refuse) return Promise.reject(refuse);
      if (back) {
        left.set(key, 0);
        return Promise.resolve('readable');
      }
      if (left.has(key)) {
        inVain += 1;
        return Promise.resolve('under way');
      }
      asked.push({ key, ...(version !== undefined && { version }), ...request });
      left.set(key, looks);
      return Promise.resolve('requested');
    },
  };
  Object.assign(store, {
    thawing,
    async *list(prefix: string, options?: ListOptions): AsyncIterable<StoredObject> {
      for await (const one of list(prefix, options)) yield { ...one, ...(one.deleteMarker ? {} : listed(one.key)) };
    },
    async head(key: string, version?: string): Promise<StoredObject | undefined> {
      if (refuseHead && fits(key)) throw refuseHead;
      const seen = await head(key, version);
      const answer = seen && { ...seen, ...(heads ? {} : archiveOf(key)) };
      const more = left.get(key);
      if (more !== undefined) left.set(key, Math.max(0, more - 1));
      return answer;
    },
    read(key: string, options?: { readonly version?: string }): Promise<Readable> {
      const state = archiveOf(key).archive?.state ?? 'thawed';
      if (state !== 'thawed') {
        inVain += 1;
        return Promise.reject(new StoreError('archived', `${key} lies in ${tier}`));
      }
      return read(key, options);
    },
  });
  return {
    asked,
    get inVain() {
      return inVain;
    },
  };
}
