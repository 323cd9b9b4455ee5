import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AwsLogBucket } from '../contract/aws-storage';
import { fillAccount } from './bucket-name';
import { answerFor } from './node-metadata';
import { KEPT } from './kept';

export const ACCESS_PREFIX = 'access/';
export const INVENTORY_PREFIX = 'inventory';
export const BACKFILL_PREFIX = 'backfill';

/** No upload here is open for long: S3 delivers logs in one piece. */
const ABORT_MULTIPART = Duration.days(7);

export interface LogBucketProps {
  readonly logs: AwsLogBucket;
  /** ARNs of the buckets that deliver here. */
  readonly sources: readonly string[];
}

/**
 * Access logs and inventories of a stack's data buckets. S3 delivers neither into a bucket with Object Lock, and access
 * logs only into one that is encrypted by S3's own keys; delivery can't send `If-None-Match`, so there is no overwrite
 * rule.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export class LogBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { logs, sources }: LogBucketProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    this.bucket = new Bucket(this, 'Resource', {
      bucketName: fillAccount(logs.name, account),
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: KEPT,
      lifecycleRules: [
        {
          id: 'expire',
          expiration: Duration.days(logs.expireAfterDays),
          abortIncompleteMultipartUploadAfter: ABORT_MULTIPART,
        },
      ],
    });
    const deliveries = [
      { service: 'logging.s3.amazonaws.com', objects: `${ACCESS_PREFIX}*` },
      { service: 's3.amazonaws.com', objects: `${INVENTORY_PREFIX}/*` },
    ];
    for (const { service, objects } of deliveries) {
      this.bucket.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(service)],
          actions: ['s3:PutObject'],
          resources: [this.bucket.arnForObjects(objects)],
          conditions: {
            ArnLike: { 'aws:SourceArn': [...sources] },
            StringEquals: { 'aws:SourceAccount': account },
          },
        }),
      );
    }
    this.bucket.policy?.applyRemovalPolicy(KEPT);
    answerFor(this.bucket, [logs.id]);
  }
}
