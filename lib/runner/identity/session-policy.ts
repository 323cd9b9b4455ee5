import { listPrefix } from '../object-key';

/** A place of a task in a bucket. */
export interface PlaceScope {
  /** Name of the task: the folder of its ledger. */
  readonly task: string;
  /** Path of its objects, with placeholders. */
  readonly path: string;
}

/** STS refuses longer ones. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const LONGEST_POLICY = 2048;

/**
 * Where a session may act: on a task's own objects in a bucket, on its ledger and records there; beside them it may add what a
 * restore without us needs. What it may do there is the
 * role's business, since a session has what the policy and the role both allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
export function placePolicy(partition: string, bucket: string, { task, path }: PlaceScope): object {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const prefixes = [listPrefix(path), `_verified/${task}/`, `_records/${task}/`];
  const recovery = '_recovery/*';
  return policy([
    { Action: 's3:*', Resource: prefixes.map((prefix) => `${arn}/${prefix}*`) },
    { Action: 's3:PutObject', Resource: `${arn}/${recovery}` },
    {
      Action: ['s3:ListBucket', 's3:ListBucketVersions'],
      Resource: arn,
      Condition: { StringLike: { 's3:prefix': [...prefixes.map((prefix) => `${prefix}*`), recovery] } },
    },
    { Action: 's3:GetBucketLocation', Resource: arn },
    // The role has the key for this bucket alone, and only through S3.
    { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: '*' },
  ]);
}

/** One secret of the region, and nothing else. Secrets Manager adds six characters to a name. */
export function secretPolicy(partition: string, region: string, account: string, name: string): object {
  const arn = `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-??????`;
  return policy([{ Action: 'secretsmanager:GetSecretValue', Resource: arn }]);
}

function policy(statements: readonly object[]): object {
  return { Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', ...one })) };
}
