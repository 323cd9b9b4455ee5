import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { renderWriter } from './rights';
import type { TaskBucket } from './rights';

/** All that a host does with S3: a writer's part. */
const WRITER = [
  's3:AbortMultipartUpload',
  's3:GetBucketLocation',
  's3:GetObject',
  's3:GetObjectVersion',
  's3:ListBucket',
  's3:ListMultipartUploadParts',
  's3:PutObject',
  's3:PutObjectRetention',
];

export interface HostWriterProps {
  /**
   * Whether `max_size` bounds the folder of the host: before the oldest goes there, every store has to be seen to hold it.
   * That takes the ledger and a list of versions, and no content.
   */
  readonly bounded: boolean;
}

/**
 * What the role of a host gets for a task: a writer's rights, and a refusal of everything else on the buckets of the
 * task. The role is somebody else's, and whatever more it may do on other grounds, the host can delete no backup,
 * and nothing that guards one.
 */
export function renderHostWriter(buckets: readonly TaskBucket[], { bounded }: HostWriterProps): PolicyStatement[] {
  const resources = [...new Set(buckets.flatMap(({ bucketArn }) => [bucketArn, `${bucketArn}/*`]))];
  return [
    ...buckets.flatMap((bucket) => (bounded ? [...seeing(bucket), ...writing(bucket)] : renderWriter(bucket))),
    new PolicyStatement({
      effect: Effect.DENY,
      notActions: bounded ? [...WRITER, LIST_VERSIONS].sort() : WRITER,
      resources,
    }),
  ];
}

const LIST_VERSIONS = 's3:ListBucketVersions';

/** A writer's rights, with the refusal of what lies below `_` but for reading: what is read there, `seeing` says. */
function writing(bucket: TaskBucket): PolicyStatement[] {
  return [
    ...renderWriter(bucket).filter(({ effect }) => effect !== Effect.DENY),
    new PolicyStatement({
      effect: Effect.DENY,
      notActions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [`${bucket.bucketArn}/_*`],
    }),
  ];
}

/** The ledger, and what is listed in which versions. */
function seeing({ bucketArn, prefixes, ledgers }: TaskBucket): PolicyStatement[] {
  const asked = [...prefixes, ...ledgers].map((prefix) => `${prefix}*`);
  return [
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: ledgers.map((ledger) => `${bucketArn}/${ledger}*`),
    }),
    new PolicyStatement({
      actions: ['s3:ListBucket', LIST_VERSIONS],
      resources: [bucketArn],
      conditions: { StringLike: { 's3:prefix': asked } },
    }),
  ];
}

/**
 * How the agent of Systems Manager fetches the runner: it lists what lies below the name, since it could be a folder,
 * and refuses to download where it may not.
 * @see https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/plugins/downloadcontent/s3resource/s3resource.go
 */
export function renderDownload({ bucket, s3ObjectKey }: Asset): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    conditions: { StringEquals: { 's3:prefix': `${s3ObjectKey}/` } },
  });
}

/**
 * The output of runs, which the agent writes.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-rc-setting-up-cwlogs.html
 */
export function renderOutput(logGroupArn: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      resources: [logGroupArn],
    }),
    new PolicyStatement({
      actions: ['logs:DescribeLogGroups'],
      resources: [logGroupArn.replace(/:log-group:.*$/, ':log-group:*')],
    }),
  ];
}
