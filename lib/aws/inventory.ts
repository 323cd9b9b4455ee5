import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { AwsBucket } from '../contract/aws-storage';
import { INVENTORY_PREFIX } from './log-bucket';

/** ID of the one inventory of a bucket; S3 writes below `inventory/<bucket>/<this>/`. */
export const INVENTORY = 'versions';

const FIELDS = [
  'Size',
  'LastModifiedDate',
  'StorageClass',
  'ReplicationStatus',
  'EncryptionStatus',
  'BucketKeyStatus',
  'ChecksumAlgorithm',
];
const LOCK_FIELDS = ['ObjectLockMode', 'ObjectLockRetainUntilDate', 'ObjectLockLegalHoldStatus'];

export interface InventoryDestination {
  readonly bucketArn: string;
  readonly account: string;
  readonly lock: AwsBucket['lock'];
}

/**
 * A daily list of every version, so that retention, replication and locks can be checked without listing the bucket.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
 */
export function renderInventory({
  bucketArn,
  account,
  lock,
}: InventoryDestination): CfnBucket.InventoryConfigurationProperty {
  return {
    id: INVENTORY,
    enabled: true,
    scheduleFrequency: 'Daily',
    includedObjectVersions: 'All',
    optionalFields: lock === null ? FIELDS : [...FIELDS, ...LOCK_FIELDS],
    destination: { bucketArn, bucketAccountId: account, format: 'Parquet', prefix: INVENTORY_PREFIX },
  };
}
