import { z } from 'zod';
import { days } from './node';

/** The key of a bucket, as the stack of its store names it. */
export const AwsKeyName = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('created'), alias: z.string() }),
  z.strictObject({
    kind: z.literal('existing'),
    form: z.enum(['key-id', 'key-arn', 'alias', 'alias-arn']),
    value: z.string(),
  }),
]);

/** A bucket that a task may use, under prefixes. */
export const AwsTaskStore = z.strictObject({
  store: z.string().describe('id of the bucket in the plan'),
  bucket: z.string(),
  naming: z.enum(['literal', 'account_regional']),
  region: z.string(),
  key: AwsKeyName,
  prefixes: z.array(z.string()).min(1).readonly().describe('fixed beginnings of the paths that the task writes to'),
  longestLockDays: days,
});

export type AwsTaskStore = z.infer<typeof AwsTaskStore>;
