import { z } from 'zod';
import { AwsTaskStore } from './aws-task-store';
import { nodeShape } from './node';

/** A bucket that copy jobs of another cloud read, with the data sets that they take from it. */
export const AwsReadStore = AwsTaskStore.omit({ longestLockDays: true }).extend({
  dataSets: z.array(z.string()).min(1).readonly().describe('names of the folders of the ledger'),
});

/** A role that copy jobs of another cloud take on, by the tokens that their own cloud gives them. */
export const AwsReader = z.strictObject({
  ...nodeShape,
  cloud: z.enum(['azure', 'google']),
  role: z.string().describe('name of the role'),
  issuer: z.string().describe('who signs the tokens, as AWS calls it: a host, with a path where there is one'),
  stores: z.array(AwsReadStore).min(1).readonly(),
});

/** What other clouds may read of AWS; the rights of IAM are of no region. */
export const AwsReaderStack = z.strictObject({
  ...nodeShape,
  name: z.string().describe('CloudFormation stack name'),
  region: z.string(),
  account: z.string().optional(),
  readers: z.array(AwsReader).min(1).readonly(),
  after: z.array(z.string()).readonly(),
});

export type AwsReadStore = z.infer<typeof AwsReadStore>;
export type AwsReader = z.infer<typeof AwsReader>;
export type AwsReaderStack = z.infer<typeof AwsReaderStack>;
