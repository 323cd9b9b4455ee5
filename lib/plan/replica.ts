import type { AwsReplicationRule, AwsStack, TaskManifest, TaskStore } from '../contract';
import type { PlanContext } from './context';
import { physicalS3 } from './physical-bucket';

/**
 * Rules of replication that copy what a task keeps in a store, to buckets that get its ledger too: without that nothing
 * there is verified, and no restore would read it. A rule whose prefix is a beginning of the path is not enough.
 */
export function replicationsOf(
  { name }: Pick<TaskManifest, 'name'>,
  { store, path }: Pick<TaskStore, 'store' | 'path'>,
  aws: readonly AwsStack[],
): readonly AwsReplicationRule[] {
  const bucket = aws.flatMap((stack) => stack.buckets).find(({ id }) => id === store);
  const rules = bucket?.replication?.rules ?? [];
  const ledgers = rules.filter((rule) => covers(rule.prefix, `_verified/${name}/`));
  return rules.filter(
    (rule) =>
      covers(rule.prefix, path) &&
      ledgers.some(({ bucket: to, region }) => to === rule.bucket && region === rule.region),
  );
}

/** Buckets that replication fills with what a task stores: a restore reads them where the store itself is gone. */
export function replicasOfTask(
  { deployment }: PlanContext,
  task: Pick<TaskManifest, 'name' | 'stores'>,
  aws: readonly AwsStack[],
): TaskManifest['replicas'] {
  const replicas = task.stores.flatMap((store) =>
    replicationsOf(task, store, aws).map(({ bucket, region, account }) => ({
      store: `aws.bucket.${bucket}`,
      of: store.store,
      region,
      ...(account !== undefined && { account }),
      bucket: physicalS3(deployment, { bucket, region, account: account ?? deployment.aws?.account }),
      path: store.path,
      ...(store.retrievalTier !== undefined && { retrievalTier: store.retrievalTier }),
    })),
  );
  return replicas.length > 0 ? replicas : undefined;
}

function covers(prefix: string, path: string): boolean {
  return prefix === '' || path.replace(/\{year\}/g, '2').startsWith(prefix);
}
