import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { KeyReference } from './key-reference';
import { renderKeyUse } from './key-reference';

/** A bucket as an identity of a task sees it. */
export interface TaskBucket {
  readonly bucketArn: string;
  readonly region: string;
  readonly key: KeyReference;
  /** Fixed beginnings of the paths of the task's data. */
  readonly prefixes: readonly string[];
  /** Beginnings of the ledgers of its data sets. */
  readonly ledgers: readonly string[];
  /** The longest lock that the task asks for, in days. */
  readonly longestLockDays: number;
}

/**
 * What a backup may do: create objects under its own prefixes, and read its manifests. It reads no content, overwrites
 * and deletes nothing, and never touches what lies below `_`. `kms:Decrypt` is needed for parts of an upload and their
 * checksums; content stays closed, since S3 asks for `s3:GetObject` first.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
export function renderWriter(bucket: TaskBucket): PolicyStatement[] {
  const { bucketArn, prefixes } = bucket;
  const objects = prefixes.map((prefix) => `${bucketArn}/${prefix}*`);
  return [
    allow(['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], objects),
    allow(
      ['s3:GetObject', 's3:GetObjectVersion'],
      prefixes.map((prefix) => `${bucketArn}/${prefix}*.manifest.json`),
    ),
    listing(bucket, ['s3:ListBucket']),
    allow(['s3:GetBucketLocation'], [bucketArn]),
    ...retention(bucket, objects),
    new PolicyStatement({
      effect: Effect.DENY,
      actions: ['s3:*'],
      resources: [`${bucketArn}/_*`],
    }),
    renderKeyUse(bucket.key, { ...bucket, actions: ['kms:GenerateDataKey', 'kms:Decrypt'] }),
  ];
}

/**
 * What a copy job may do where it fills: what a backup may, and read what lies there, so that an interrupted copy goes on
 * and what was deleted is not brought back. It reads the same bytes at its source.
 */
export function renderCopier(bucket: TaskBucket): PolicyStatement[] {
  const { bucketArn, prefixes, ledgers } = bucket;
  const objects = prefixes.map((prefix) => `${bucketArn}/${prefix}*`);
  return [
    allow(['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], objects),
    allow(['s3:GetObject', 's3:GetObjectVersion'], [...objects, ...ledgers.map((ledger) => `${bucketArn}/${ledger}*`)]),
    listing({ bucketArn, prefixes: [...prefixes, ...ledgers] }, ['s3:ListBucket', 's3:ListBucketVersions']),
    allow(['s3:GetBucketLocation'], [bucketArn]),
    ...retention(bucket, objects),
    new PolicyStatement({
      effect: Effect.DENY,
      notActions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [`${bucketArn}/_*`],
    }),
    renderKeyUse(bucket.key, { ...bucket, actions: ['kms:GenerateDataKey', 'kms:Decrypt'] }),
  ];
}

/** Where what a restore without us needs lies beside the data: whoever verifies may create there, and read nothing. */
const RECOVERY = '_recovery/';

/**
 * What a verification may do: read everything of the task, every version, and the records of its restores; and create
 * entries of its own ledger.
 */
export function renderVerifier(bucket: TaskBucket): PolicyStatement[] {
  return renderReadAnd(bucket, [...bucket.ledgers, RECOVERY]);
}

/**
 * What a test restore may do: read what a verification reads, and create records. It can't vouch in the ledger for what
 * it read, and thaws nothing. A record is encrypted when it is created, which needs a data key.
 */
export function renderRestorer(bucket: TaskBucket): PolicyStatement[] {
  return renderReadAnd(bucket, recordsOf(bucket));
}

/**
 * What asks for archived data before a test restore may do: read ledger and manifests, list what there is, and have data
 * copied out of its archive. It reads none of it: lists say what is archived and what is on its way.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
 */
export function renderThawer(bucket: TaskBucket): PolicyStatement[] {
  const { bucketArn, prefixes } = bucket;
  return [
    ...readIndex(bucket),
    allow(
      ['s3:RestoreObject'],
      prefixes.map((prefix) => `${bucketArn}/${prefix}*`),
    ),
  ];
}

/** Beginnings of the records of restores, which lie beside the ledgers of their data sets. */
function recordsOf({ ledgers }: Pick<TaskBucket, 'ledgers'>): readonly string[] {
  return ledgers.map((ledger) => ledger.replace(/^_verified\//, '_records/'));
}

/** Reads data, ledgers and records, and creates objects below some prefixes. */
function renderReadAnd(bucket: TaskBucket, created: readonly string[]): PolicyStatement[] {
  const { bucketArn } = bucket;
  const read = [...bucket.prefixes, ...bucket.ledgers, ...recordsOf(bucket)];
  return [
    allow(
      [
        's3:GetObject',
        's3:GetObjectVersion',
        's3:GetObjectRetention',
        's3:GetObjectAttributes',
        's3:GetObjectVersionAttributes',
      ],
      read.map((prefix) => `${bucketArn}/${prefix}*`),
    ),
    allow(
      ['s3:PutObject'],
      created.map((prefix) => `${bucketArn}/${prefix}*`),
    ),
    listing({ ...bucket, prefixes: [...new Set([...read, ...created])] }, ['s3:ListBucket', 's3:ListBucketVersions']),
    allow(['s3:GetBucketLocation'], [bucketArn]),
    renderKeyUse(bucket.key, { ...bucket, actions: ['kms:Decrypt', 'kms:GenerateDataKey'] }),
  ];
}

/** A bucket as somebody sees it who copies several data sets out of it. */
export type ReadBucket = Pick<TaskBucket, 'bucketArn' | 'region' | 'key' | 'prefixes'> & {
  readonly dataSets: readonly string[];
};

/** Data sets of a bucket that are named one by one; a policy has 6,144 characters, and more than these are all. */
const NAMED = 10;

/** What a copier may do where it reads: everything of its data sets, in every version, and their ledgers. */
export function renderReader(bucket: ReadBucket): PolicyStatement[] {
  const { bucketArn, dataSets } = bucket;
  const named = [...bucket.prefixes, ...dataSets.map((name) => `_verified/${name}/`)];
  const prefixes = dataSets.length > NAMED ? [''] : named;
  return [
    allow(
      ['s3:GetObject', 's3:GetObjectVersion'],
      prefixes.map((prefix) => `${bucketArn}/${prefix}*`),
    ),
    listing({ bucketArn, prefixes }, ['s3:ListBucket', 's3:ListBucketVersions']),
    allow(['s3:GetBucketLocation'], [bucketArn]),
    renderKeyUse(bucket.key, { ...bucket, actions: ['kms:Decrypt'] }),
  ];
}

/** What pruning may do: read ledger and manifests, list versions, and delete versions of the task's data. */
export function renderPruner(bucket: TaskBucket): PolicyStatement[] {
  const { bucketArn, prefixes } = bucket;
  return [
    ...readIndex(bucket),
    allow(
      ['s3:GetObjectRetention'],
      prefixes.map((prefix) => `${bucketArn}/${prefix}*`),
    ),
    allow(
      ['s3:DeleteObjectVersion'],
      prefixes.map((prefix) => `${bucketArn}/${prefix}*`),
    ),
    // Whose data begins anywhere may still delete no ledger.
    ...(prefixes.includes('')
      ? [new PolicyStatement({ effect: Effect.DENY, actions: ['s3:DeleteObject*'], resources: [`${bucketArn}/_*`] })]
      : []),
  ];
}

/** Knows what there is of a task, in every version, by ledger and manifests, and reads no data. */
function readIndex(bucket: TaskBucket): PolicyStatement[] {
  const { bucketArn, prefixes, ledgers } = bucket;
  const names = [...ledgers.map((ledger) => `${ledger}*`), ...prefixes.map((prefix) => `${prefix}*.manifest.json`)];
  return [
    allow(
      ['s3:GetObject', 's3:GetObjectVersion'],
      names.map((name) => `${bucketArn}/${name}`),
    ),
    listing({ ...bucket, prefixes: [...prefixes, ...ledgers] }, ['s3:ListBucket', 's3:ListBucketVersions']),
    allow(['s3:GetBucketLocation'], [bucketArn]),
    renderKeyUse(bucket.key, { ...bucket, actions: ['kms:Decrypt'] }),
  ];
}

/** An object may be locked when it is created, for a day at least and never for longer than its retention asks. */
function retention({ longestLockDays }: TaskBucket, objects: string[]): PolicyStatement[] {
  if (longestLockDays === 0) return [];
  return [
    new PolicyStatement({
      actions: ['s3:PutObjectRetention'],
      resources: objects,
      conditions: {
        NumericGreaterThanEquals: { 's3:object-lock-remaining-retention-days': '1' },
        NumericLessThanEquals: { 's3:object-lock-remaining-retention-days': String(longestLockDays + 1) },
      },
    }),
  ];
}

function listing(
  { bucketArn, prefixes }: Pick<TaskBucket, 'bucketArn' | 'prefixes'>,
  actions: string[],
): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [bucketArn],
    conditions: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
  });
}

function allow(actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
