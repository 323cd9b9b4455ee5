import { z } from 'zod';
import { days, nodeShape } from './node';

/** A KMS key: made by its stack, or one that exists and is only named. */
export const AwsKey = z.discriminatedUnion('kind', [
  z.strictObject({
    ...nodeShape,
    kind: z.literal('created'),
    alias: z.string().describe('alias with its alias/ prefix; other stacks name the key by it'),
  }),
  z.strictObject({
    ...nodeShape,
    kind: z.literal('existing'),
    form: z.enum(['key-id', 'key-arn', 'alias', 'alias-arn']),
    value: z.string().describe('the reference as the environment gave it: id, ARN, alias/name or alias ARN'),
  }),
]);

/** Access logs (access/) and inventories (inventory/) of a stack's data buckets. SSE-S3, never locked. */
export const AwsLogBucket = z.strictObject({
  ...nodeShape,
  name: z.string().describe("bucket name; {account} stands for the id of the stack's account"),
  expireAfterDays: days,
});

export const AwsLifecycleRule = z.strictObject({
  ...nodeShape,
  name: z.string().describe("the rule's ID in S3, unique in its bucket"),
  prefix: z.string(),
  transitions: z
    .array(z.strictObject({ afterDays: days, storageClass: z.string().describe('as S3 spells it') }))
    .readonly(),
  expireAfterDays: days.optional(),
});

export const AwsReplicationRule = z.strictObject({
  ...nodeShape,
  name: z.string().describe("the rule's ID in S3 and the RuleId dimension of its metrics"),
  priority: z.int().min(1),
  prefix: z.string().describe('empty for the whole bucket'),
  bucket: z.string().describe('name of the destination bucket'),
  naming: z.enum(['literal', 'account_regional']),
  region: z.string().describe('region of the destination bucket'),
  account: z.string().optional().describe('account of the destination bucket, when it is another one'),
  keyAlias: z.string().describe('alias (alias/name) of the key that encrypts the replica, in the destination region'),
  timeControl: z.boolean().describe('Replication Time Control: 15 minutes, with its metrics'),
});

/** A bucket that holds backups. Versioned, TLS only, KMS, never public, retained: those are not options. */
export const AwsBucket = z.strictObject({
  ...nodeShape,
  name: z.string(),
  naming: z.enum(['literal', 'account_regional']),
  keyId: z.string().describe('id of the key node in the same stack'),
  lock: z.strictObject({ mode: z.enum(['governance', 'compliance']), days }).nullable(),
  noncurrentExpireAfterDays: days,
  abortMultipartAfterDays: days,
  lifecycle: z.array(AwsLifecycleRule).readonly(),
  replication: z
    .strictObject({
      roleName: z.string().describe('name of the one replication role of this bucket, at most 64 characters'),
      rules: z.array(AwsReplicationRule).min(1).readonly(),
    })
    .nullable(),
  replicaOf: z
    .strictObject({
      bucket: z.string(),
      roleName: z.string(),
      account: z.string().optional().describe('account of the source, when it is another one'),
    })
    .nullable()
    .describe('the bucket whose replication fills this one; nothing else writes to it'),
});

export const AwsStack = z.strictObject({
  ...nodeShape,
  name: z.string().describe('CloudFormation stack name'),
  kind: z.enum(['backup-store', 'replica-store']),
  region: z.string(),
  account: z.string().optional().describe('12 digits; left out: the account of the credentials'),
  after: z.array(z.string()).readonly().describe('names of the stacks that are deployed first'),
  keys: z.array(AwsKey).readonly(),
  logs: AwsLogBucket,
  buckets: z.array(AwsBucket).readonly(),
});

export type AwsKey = z.infer<typeof AwsKey>;
export type AwsLogBucket = z.infer<typeof AwsLogBucket>;
export type AwsLifecycleRule = z.infer<typeof AwsLifecycleRule>;
export type AwsReplicationRule = z.infer<typeof AwsReplicationRule>;
export type AwsBucket = z.infer<typeof AwsBucket>;
export type AwsStack = z.infer<typeof AwsStack>;
