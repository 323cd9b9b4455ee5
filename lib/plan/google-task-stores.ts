import type { GoogleTaskStore, TaskStore } from '../contract';
import { rulePrefix } from './object-path';

/** The buckets of Google among the stores that a task or a copy job writes to, one entry a bucket with all of its prefixes there. */
export function googleTaskStores(written: readonly TaskStore[]): readonly GoogleTaskStore[] {
  const stores = new Map<string, GoogleTaskStore>();
  for (const { store, cloud, bucket, path } of written) {
    if (cloud !== 'google') continue;
    const prefixes = [...(stores.get(store)?.prefixes ?? []), rulePrefix(path)];
    stores.set(store, { store, bucket, prefixes: [...new Set(prefixes)].sort() });
  }
  return [...stores.values()];
}
