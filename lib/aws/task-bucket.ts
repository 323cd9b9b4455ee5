import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AwsTaskStore } from '../contract/aws-task-store';
import type { AwsTask } from '../contract/aws-tasks';
import { bucketArn } from './bucket-name';
import { keyReferenceOf } from './key-reference';
import type { KeyReference } from './key-reference';
import type { TaskBucket } from './rights';

/** The buckets of a task. */
export function taskBuckets(scope: Construct, { task, stores }: AwsTask): readonly TaskBucket[] {
  return stores.map((store) => taskBucket(scope, store, [`_verified/${task}/`]));
}

/** A bucket with its ARN and key, by their names alone: it lies in another stack. */
export function taskBucket(scope: Construct, store: AwsTaskStore, ledgers: readonly string[]): TaskBucket {
  const { partition, account } = Stack.of(scope);
  const { bucket: name, naming, region, prefixes, longestLockDays } = store;
  return {
    bucketArn: bucketArn(partition, { name, naming, account, region }),
    region,
    key: keyOf(store, { partition, account, region }),
    prefixes,
    ledgers,
    longestLockDays,
  };
}

/** How others name the key of a bucket. */
export function keyOf(
  { key }: Pick<AwsTaskStore, 'key'>,
  place: { readonly partition: string; readonly account: string; readonly region: string },
): KeyReference {
  return key.kind === 'existing' ? keyReferenceOf(key, place) : { kind: 'alias', alias: key.alias, place };
}
