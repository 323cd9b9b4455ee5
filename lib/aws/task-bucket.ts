import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AwsTask, AwsTaskStore } from '../contract/aws-tasks';
import { bucketArn } from './bucket-name';
import { keyReferenceOf } from './key-reference';
import type { KeyReference } from './key-reference';
import type { TaskBucket } from './rights';

/** The buckets of a task with their ARNs and keys, by their names alone: they lie in other stacks. */
export function taskBuckets(scope: Construct, { task, stores }: AwsTask): readonly TaskBucket[] {
  const { partition, account } = Stack.of(scope);
  return stores.map((store) => ({
    bucketArn: bucketArn(partition, { name: store.bucket, naming: store.naming, account, region: store.region }),
    region: store.region,
    key: keyOf(store, { partition, account, region: store.region }),
    prefixes: store.prefixes,
    dataSet: task,
    longestLockDays: store.longestLockDays,
  }));
}

/** How others name the key of a bucket. */
export function keyOf(
  { key }: Pick<AwsTaskStore, 'key'>,
  place: { readonly partition: string; readonly account: string; readonly region: string },
): KeyReference {
  return key.kind === 'existing' ? keyReferenceOf(key, place) : { kind: 'alias', alias: key.alias, place };
}
