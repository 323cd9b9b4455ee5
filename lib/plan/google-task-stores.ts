import type { GoogleTaskStore, TaskManifest } from '../contract';
import { rulePrefix } from './object-path';

/** The buckets of Google that a task writes to, one entry a bucket with all of its prefixes there. */
export function googleTaskStores(task: TaskManifest): readonly GoogleTaskStore[] {
  const stores = new Map<string, GoogleTaskStore>();
  for (const { store, cloud, bucket, path } of task.stores) {
    if (cloud !== 'google') continue;
    const prefixes = [...(stores.get(store)?.prefixes ?? []), rulePrefix(path)];
    stores.set(store, { store, bucket, prefixes: [...new Set(prefixes)].sort() });
  }
  return [...stores.values()];
}
