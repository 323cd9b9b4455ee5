import type { AwsBucket } from '../contract/aws-storage';

/** What a bucket's name is made of: the name in the plan and the namespace that it lives in. */
export interface BucketIdentity extends Pick<AwsBucket, 'name' | 'naming'> {
  readonly account: string;
  readonly region: string;
}

/**
 * The name that S3 knows a bucket by. In an account-regional namespace CloudFormation appends account, region and `-an`
 * to the prefix, so that the full name is known without a reference to the bucket.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
 */
export function physicalName({ name, naming, account, region }: BucketIdentity): string {
  switch (naming) {
    case 'literal':
      return name;
    case 'account_regional':
      return `${name}-${account}-${region}-an`;
  }
}

/** ARN of a bucket by its name alone: no token crosses a stack. */
export function bucketArn(partition: string, identity: BucketIdentity): string {
  return `arn:${partition}:s3:::${physicalName(identity)}`;
}

/** Where the plan leaves the account open, its names hold a place for it. */
export function fillAccount(name: string, account: string): string {
  return name.replaceAll('{account}', account);
}
