import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { LogBucket } from '../log-bucket';
import { ACCESS_PREFIX } from '../log-bucket';
import { KEPT } from '../kept';

export interface SiteBucketProps {
  readonly bucketName: string;
  /** @default - S3's own keys */
  readonly key?: IKey;
  readonly logs: LogBucket;
  /** Days for which versions are kept that are not the newest. */
  readonly noncurrentDays: number;
  readonly expire?: readonly LifecycleRule[];
}

/** A bucket of a site: kept when the stack goes, and versioned, since whoever may write may also overwrite. */
export function siteBucket(scope: Construct, id: string, props: SiteBucketProps): Bucket {
  const { bucketName, key, logs, noncurrentDays, expire = [] } = props;
  const bucket = new Bucket(scope, id, {
    bucketName,
    versioned: true,
    encryption: key ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
    ...(key && { encryptionKey: key, bucketKeyEnabled: true }),
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: KEPT,
    serverAccessLogsBucket: logs.bucket,
    serverAccessLogsPrefix: `${ACCESS_PREFIX}${id}/`,
    lifecycleRules: [
      {
        id: 'versions',
        noncurrentVersionExpiration: Duration.days(noncurrentDays),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
      ...expire,
    ],
  });
  bucket.policy?.applyRemovalPolicy(KEPT);
  return bucket;
}
