import { Duration } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { StorageClass } from 'aws-cdk-lib/aws-s3';
import type { AwsBucket, AwsLifecycleRule } from '../contract/aws-storage';

/** ID of the rule that every bucket has beside the spec's. */
export const HOUSEKEEPING = 'housekeeping';

type Housekeeping = Pick<AwsBucket, 'abortMultipartAfterDays' | 'noncurrentExpireAfterDays'>;

/** The plan's rules and the bucket's own housekeeping. */
export function renderLifecycle(bucket: Housekeeping & Pick<AwsBucket, 'lifecycle'>): LifecycleRule[] {
  return [...bucket.lifecycle.map(renderRule), renderHousekeeping(bucket)];
}

/** Objects under 128 KB never change class, so that manifests stay readable at once: S3's default, and kept. */
function renderRule({ name, prefix, transitions, expireAfterDays }: AwsLifecycleRule): LifecycleRule {
  return {
    id: name,
    prefix,
    transitions: transitions.map(({ afterDays, storageClass }) => ({
      storageClass: new StorageClass(storageClass),
      transitionAfter: Duration.days(afterDays),
    })),
    expiration: expireAfterDays === undefined ? undefined : Duration.days(expireAfterDays),
  };
}

/**
 * A rule of its own for the whole bucket: removing expired delete markers can't share a rule with an age, ending
 * unfinished uploads can't share one with a filter on size or tags. In a versioned bucket an expiration only adds a
 * marker; what frees the bytes is the expiry of noncurrent versions.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
function renderHousekeeping({ abortMultipartAfterDays, noncurrentExpireAfterDays }: Housekeeping): LifecycleRule {
  return {
    id: HOUSEKEEPING,
    abortIncompleteMultipartUploadAfter: Duration.days(abortMultipartAfterDays),
    expiredObjectDeleteMarker: true,
    noncurrentVersionExpiration: Duration.days(noncurrentExpireAfterDays),
  };
}
