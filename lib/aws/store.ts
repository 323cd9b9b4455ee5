import { Duration, Stack } from 'aws-cdk-lib';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import {
  BlockedEncryptionType,
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  BucketNamespace,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AwsBucket } from '../contract/aws-storage';
import { bucketArn } from './bucket-name';
import { renderReplicaWriting, renderWriteDenials } from './bucket-policy';
import { renderInventory } from './inventory';
import type { BackupKey } from './key';
import { encryptionArn } from './key-reference';
import { renderLifecycle } from './lifecycle';
import type { LogBucket } from './log-bucket';
import { ACCESS_PREFIX } from './log-bucket';
import { answerFor } from './node-metadata';
import { roleArn } from './replication-role';
import { KEPT } from './kept';

export interface BackupBucketProps {
  readonly bucket: AwsBucket;
  readonly key: BackupKey;
  readonly logs: LogBucket;
}

/** A bucket that holds backups: versioned, encrypted by the key, written once, reached by TLS only, never public, kept. */
export class BackupBucket extends Construct {
  readonly plan: AwsBucket;
  readonly bucket: Bucket;
  readonly key: BackupKey;
  /** ARN made of the bucket's name, for policies that the bucket itself depends on. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { bucket, key, logs }: BackupBucketProps) {
    super(scope, id);
    this.plan = bucket;
    this.key = key;
    const { partition, account, region } = Stack.of(this);
    this.arn = bucketArn(partition, { ...bucket, account, region });
    this.bucket = new Bucket(this, 'Resource', {
      ...renderName(bucket),
      ...renderLock(bucket.lock),
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: key.key,
      bucketKeyEnabled: true,
      // a key that only the writer's request holds would make a backup that nobody can restore
      blockedEncryptionTypes: [BlockedEncryptionType.SSE_C],
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: KEPT,
      lifecycleRules: renderLifecycle(bucket),
    });
    this.deliverTo(logs);
    this.addPolicy();
    answerFor(this.bucket, [
      bucket.id,
      ...bucket.lifecycle.map((rule) => rule.id),
      ...(bucket.replication?.rules ?? []).map((rule) => rule.id),
      ...key.unanswered,
    ]);
  }

  get resource(): CfnBucket {
    return this.bucket.node.defaultChild as CfnBucket;
  }

  /** Set on the resource, since the library would write two more statements into the log bucket's policy per bucket. */
  private deliverTo(logs: LogBucket): void {
    this.resource.loggingConfiguration = {
      destinationBucketName: logs.bucket.bucketName,
      logFilePrefix: `${ACCESS_PREFIX}${this.plan.name}/`,
    };
    this.resource.inventoryConfigurations = [
      renderInventory({ bucketArn: logs.bucket.bucketArn, account: Stack.of(this).account, lock: this.plan.lock }),
    ];
    if (logs.bucket.policy) this.resource.node.addDependency(logs.bucket.policy);
  }

  private addPolicy(): void {
    const statements = renderWriteDenials(this.bucket.bucketArn, encryptionArn(this.key.reference));
    const source = this.plan.replicaOf;
    if (source?.account !== undefined) {
      const { account, roleName } = source;
      const writer = { account, roleArn: roleArn(Stack.of(this).partition, account, roleName) };
      statements.push(...renderReplicaWriting(this.bucket.bucketArn, writer));
      this.key.allowReplicas(writer, this.arn);
    }
    for (const statement of statements) this.bucket.addToResourcePolicy(statement);
    const { policy } = this.bucket;
    if (policy === undefined) return;
    // the bucket outlives its stack, and with it what protects it
    policy.applyRemovalPolicy(KEPT);
    answerFor(policy, [this.plan.id]);
  }
}

function renderName({ name, naming }: AwsBucket) {
  switch (naming) {
    case 'literal':
      return { bucketName: name };
    case 'account_regional':
      return { bucketNamePrefix: name, bucketNamespace: BucketNamespace.ACCOUNT_REGIONAL };
  }
}

/**
 * Without a lock in the plan, Object Lock stays off altogether and not merely without a default: it can't be switched
 * off again, while S3 lets it be switched on for a bucket that exists. Whoever writes `off` can still change their mind.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
 */
function renderLock(lock: AwsBucket['lock']) {
  if (lock === null) return {};
  const days = Duration.days(lock.days);
  return {
    objectLockEnabled: true,
    objectLockDefaultRetention:
      lock.mode === 'governance' ? ObjectLockRetention.governance(days) : ObjectLockRetention.compliance(days),
  };
}
