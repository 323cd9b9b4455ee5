import type { App } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import type { AwsStack } from '../../lib/contract/aws-storage';
import { bucketArn } from '../../lib/aws/bucket-name';
import { Backfill } from '../../lib/aws/backfill';
import { BackupKey } from '../../lib/aws/key';
import { LogBucket } from '../../lib/aws/log-bucket';
import { stackAnswersFor } from '../../lib/aws/node-metadata';
import { Replication } from '../../lib/aws/replication';
import { BackupBucket } from '../../lib/aws/store';

const PURPOSE: Readonly<Record<AwsStack['kind'], string>> = {
  'backup-store': 'buckets that backups are written to',
  'replica-store': 'buckets that hold replicas of backups',
};

export interface StoreStackProps {
  readonly plan: AwsStack;
}

/** The buckets of one region and account, with their keys, their logs and what replicates them. */
export class StoreStack extends Stack {
  constructor(app: App, { plan }: StoreStackProps) {
    super(app, plan.name, {
      env: { region: plan.region, account: plan.account },
      description: `${PURPOSE[plan.kind]}, ${plan.region}`,
      terminationProtection: true,
    });
    const { partition, account, region } = this;
    const keys = new Map(plan.keys.map((key) => [key.id, new BackupKey(this, `key-${key.id}`, { key })]));
    const logs = new LogBucket(this, 'logs', {
      logs: plan.logs,
      sources: plan.buckets.map((bucket) => bucketArn(partition, { ...bucket, account, region })),
    });
    const buckets = new Map(
      plan.buckets.map((bucket) => {
        const key = keys.get(bucket.keyId);
        if (!key) throw new Error(`no key '${bucket.keyId}' in stack '${plan.name}'`);
        return [bucket.name, new BackupBucket(this, bucket.name, { bucket, key, logs })];
      }),
    );
    for (const source of buckets.values()) {
      const { replication } = source.plan;
      if (replication === null) continue;
      new Replication(source, 'replication', { source, replication, neighbours: buckets });
      new Backfill(source, 'backfill', { source, logs });
    }
    stackAnswersFor(this, [plan.id]);
  }
}
