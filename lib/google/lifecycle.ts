import type { StorageBucketLifecycleRule } from '@cdktf/provider-google/lib/storage-bucket';
import type { GoogleBucket, GoogleLifecycleRule } from '../contract/google-storage';
import { escapeTemplate } from '../terraform';

/** Storage classes from warm to cold: an object only ever moves to the right. */
const CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'];

/**
 * The lifecycle rules of a bucket. They hold for live and noncurrent versions: without `ANY` a version that was
 * overwritten or deleted would neither move nor age out.
 * @see https://cloud.google.com/storage/docs/lifecycle
 */
export function renderLifecycle(
  bucket: Pick<GoogleBucket, 'lifecycle' | 'abortMultipartAfterDays'>,
): StorageBucketLifecycleRule[] {
  return [
    ...bucket.lifecycle.map(renderRule),
    { action: { type: 'AbortIncompleteMultipartUpload' }, condition: renderAge(bucket.abortMultipartAfterDays) },
  ];
}

function renderRule(rule: GoogleLifecycleRule): StorageBucketLifecycleRule {
  const condition = {
    ...renderAge(rule.afterDays),
    withState: 'ANY',
    ...(rule.prefix === '' ? {} : { matchesPrefix: [escapeTemplate(rule.prefix)] }),
  };
  if (rule.action === 'delete') {
    return { action: { type: 'Delete' }, condition };
  }
  return {
    action: { type: 'SetStorageClass', storageClass: rule.storageClass },
    condition: { ...condition, matchesStorageClass: CLASSES.slice(0, CLASSES.indexOf(rule.storageClass ?? '')) },
  };
}

/** The provider leaves an age of 0 out of its request unless it is told otherwise. */
function renderAge(days: number): { age: number; sendAgeIfZero?: boolean } {
  return days === 0 ? { age: 0, sendAgeIfZero: true } : { age: days };
}
