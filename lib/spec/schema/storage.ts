import { choice } from '../leaf';
import { block, optional, required } from '../structure';
import type { Typed } from '../type';
import { size } from '../types/amount';
import { awsRegion, azureLocation, container, gcsBucket, googleLocation, s3Bucket, storageAccount } from '../types/cloud';
import { folder, objectPath } from '../types/path';
import { days } from '../types/time';

const local = block({
  path: required(folder, 'folder on the host or shared file system that keeps the local copy'),
  max_size: optional(size, 'cap of the local copies, 10^9-based; older verified copies go first', 'no cap'),
});

const s3 = block({
  bucket: required(s3Bucket, 'bucket that the task writes to; several data sets may share one under prefixes of their own'),
  region: required(awsRegion, 'region of the bucket'),
  path: required(objectPath, 'prefix of the data set in the bucket'),
  lifecycle: optional(
    block({
      transition_days: optional(days, 'age at which objects move to STANDARD_IA', 'no move'),
      expiration_days: optional(days, 'age at which objects are deleted', 'the longest chain of the prefix plus 90 days'),
    }),
    'ages that S3 itself acts on',
    'deletion at the longest chain of the prefix plus 90 days',
  ),
});

const glacier = block({
  bucket: required(s3Bucket, 'archive bucket; another one than that of `s3` is filled by replication'),
  region: optional(awsRegion, 'region of the archive bucket', 'the region of `s3` beside it'),
  path: optional(objectPath, 'prefix in the archive bucket', 'the path of `s3` beside it'),
  transition_days: required(days, 'age at which objects move to Glacier Flexible Retrieval'),
  expiration_days: optional(days, 'age at which objects are deleted', 'the expiry of `s3` beside it'),
  retrieval_tier: required(
    choice('retrieval tier', ['standard', 'expedited', 'bulk']),
    'how fast a restore asks Glacier to answer',
  ),
});

const azure = block({
  storage_account: required(storageAccount, 'storage account; several containers may share one'),
  container: required(container, 'container that the task writes to'),
  location: optional(azureLocation, 'location of the storage account', 'the location of the deployment'),
  path: required(objectPath, 'prefix of the data set in the container'),
  lifecycle: optional(
    block({
      tier_to_cool: optional(days, 'age at which blobs move to Cool', 'no move'),
      tier_to_archive: optional(days, 'age at which blobs move to Archive', 'no move'),
      delete_after: optional(days, 'age at which blobs are deleted', 'the longest chain of the prefix plus 90 days'),
    }),
    'ages that the storage account itself acts on',
    'deletion at the longest chain of the prefix plus 90 days',
  ),
});

const gcs = block({
  bucket: required(gcsBucket, 'bucket that the task writes to'),
  location: required(googleLocation, 'location of the bucket'),
  path: required(objectPath, 'prefix of the data set in the bucket'),
  lifecycle: optional(
    block({
      nearline: optional(days, 'age at which objects move to Nearline', 'no move'),
      coldline: optional(days, 'age at which objects move to Coldline', 'no move'),
      archive: optional(days, 'age at which objects move to Archive', 'no move'),
      delete_after: optional(days, 'age at which objects are deleted', 'the longest chain of the prefix plus 90 days'),
    }),
    'ages that Cloud Storage itself acts on',
    'deletion at the longest chain of the prefix plus 90 days',
  ),
});

/** Where one data set is kept: any number of places at once. */
export const storage = block({
  local: optional(local, 'copy on the host', 'no local copy'),
  s3: optional(s3, 'copy in Amazon S3', 'none there'),
  glacier: optional(glacier, 'archive copy in S3 Glacier', 'none there'),
  azure: optional(azure, 'copy in Azure Blob Storage', 'none there'),
  gcs: optional(gcs, 'copy in Google Cloud Storage', 'none there'),
});

export type StorageSpec = Typed<typeof storage>;
