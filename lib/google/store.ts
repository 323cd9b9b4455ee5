import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { Construct } from 'constructs';
import type { GoogleBucket } from '../contract/google-storage';
import { nodeComment, type ITerraformDependable } from '../terraform';
import type { EncryptionKey } from './key';
import { renderLifecycle } from './lifecycle';
import { secondsOf } from './seconds';

export interface BackupStoreProps {
  readonly bucket: GoogleBucket;
  readonly key: EncryptionKey;
  /** What has to be on before Cloud Storage can be asked. */
  readonly services: ITerraformDependable[];
}

/**
 * A bucket that holds backups. Encrypted with the customer's key, uniform access, never public, never destroyed:
 * those are no options. Versioned, or under a retention policy, as the plan says.
 * @see https://cloud.google.com/storage/docs/best-practices
 */
export class BackupStore extends Construct {
  readonly bucket: StorageBucket;

  constructor(scope: Construct, id: string, props: BackupStoreProps) {
    super(scope, id);
    const { bucket, key, services } = props;

    this.bucket = new StorageBucket(this, 'Resource', {
      name: bucket.name,
      location: bucket.location,
      storageClass: 'STANDARD',
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      encryption: { defaultKmsKeyName: key.name },
      versioning: { enabled: bucket.versioning },
      // https://cloud.google.com/storage/docs/bucket-lock
      ...(bucket.retention === null
        ? {}
        : {
            retentionPolicy: {
              retentionPeriod: secondsOf(bucket.retention.days),
              isLocked: bucket.retention.locked,
            },
          }),
      softDeletePolicy: { retentionDurationSeconds: secondsOf(bucket.softDeleteDays) },
      lifecycleRule: renderLifecycle(bucket),
      forceDestroy: false,
      dependsOn: [key.grant, ...services],
      lifecycle: { preventDestroy: true },
    });
    nodeComment(this.bucket, [bucket.id, ...bucket.lifecycle.map((rule) => rule.id)]);
  }
}
