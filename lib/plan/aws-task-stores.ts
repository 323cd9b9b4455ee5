import type { AwsKey, AwsStack, AwsTaskStore, TaskManifest, TaskStore } from '../contract';
import { rulePrefix } from './object-path';

/**
 * The buckets that a task writes to, one entry a bucket with all of its prefixes there.
 * @param written - @default - its own stores
 */
export function awsTaskStores(
  task: TaskManifest,
  stacks: readonly AwsStack[],
  written: readonly TaskStore[] = task.stores,
): readonly AwsTaskStore[] {
  const lockDays = Math.max(0, ...task.runs.map((run) => run.lockDays));
  const stores = new Map<string, AwsTaskStore>();
  for (const { store, cloud, path } of written) {
    if (cloud !== 'aws') continue;
    const stack = stacks.find((one) => one.buckets.some((bucket) => bucket.id === store));
    const bucket = stack?.buckets.find((one) => one.id === store);
    const key = stack?.keys.find((one) => one.id === bucket?.keyId);
    if (!stack || !bucket || !key) throw new Error(`task ${task.name} writes to ${store}, which no stack makes`);
    const prefixes = [...(stores.get(store)?.prefixes ?? []), rulePrefix(path)];
    stores.set(store, {
      store,
      bucket: bucket.name,
      naming: bucket.naming,
      region: stack.region,
      key: keyName(key),
      prefixes: [...new Set(prefixes)].sort(),
      longestLockDays: lockDays,
    });
  }
  return [...stores.values()];
}

function keyName(key: AwsKey): AwsTaskStore['key'] {
  return key.kind === 'created'
    ? { kind: key.kind, alias: key.alias }
    : { kind: key.kind, form: key.form, value: key.value };
}
