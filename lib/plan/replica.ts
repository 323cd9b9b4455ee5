import type { AwsBucket, AwsStack, TaskManifest, TaskStore } from '../contract';
import type { PlanContext } from './context';
import { physicalS3 } from './physical-bucket';

/** Rules of replication that copy what a task keeps in a store. */
export function replicationsOf(
  { store, path }: Pick<TaskStore, 'store' | 'path'>,
  aws: readonly AwsStack[],
): NonNullable<AwsBucket['replication']>['rules'] {
  const bucket = aws.flatMap((stack) => stack.buckets).find(({ id }) => id === store);
  return (bucket?.replication?.rules ?? []).filter((rule) => covers(rule.prefix, path));
}

/** Buckets that replication fills with what a task stores: a restore reads them where the store itself is gone. */
export function replicasOfTask(
  { deployment }: PlanContext,
  { stores }: Pick<TaskManifest, 'stores'>,
  aws: readonly AwsStack[],
): TaskManifest['replicas'] {
  const replicas = stores.flatMap((store) =>
    replicationsOf(store, aws).map(({ bucket, region, account }) => ({
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
