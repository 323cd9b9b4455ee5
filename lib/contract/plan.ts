import { z } from 'zod';
import { AwsReaderStack } from './aws-readers';
import { AwsStack } from './aws-storage';
import { AwsSharedTasks, AwsTaskShard } from './aws-tasks';
import { AzureReaderStack } from './azure-readers';
import { AzureStack } from './azure-storage';
import { AzureSharedTasks, AzureTaskShard } from './azure-tasks';
import { GoogleReaderStack } from './google-readers';
import { GoogleStack } from './google-storage';
import { GoogleSharedTasks, GoogleTaskShard } from './google-tasks';
import { nodeShape } from './node';
import { Site } from './site';
import { RunSchedule, TaskManifest } from './task';

/** A copy between clouds: pulled by a job in the destination's cloud, create-only. */
export const Copy = z.strictObject({
  ...nodeShape,
  dataSet: z.string(),
  source: z.string().describe('id of the store that is read'),
  destination: z.string().describe('id of the store that is filled'),
  region: z.string().describe('region or location of the store that is filled: the job runs there'),
  path: z.string().describe('prefix in the destination'),
  schedule: RunSchedule.describe('when the job looks what is lacking: each night, after the window'),
});

/** A place that holds a data set, the source itself not counted. */
export const Holding = z.strictObject({
  place: z.string().describe('for people: bucket, container or folder'),
  medium: z.enum(['host disk', 'aws', 'azure', 'google']),
  region: z.string().describe('empty on a host'),
  by: z.enum(['task', 'replication', 'copy']),
});

export const DataSetHoldings = z.strictObject({ dataSet: z.string(), holdings: z.array(Holding).readonly() });

/** The whole truth between the spec and the clouds: pure, sorted, frozen, JSON. */
export const ProtectionPlan = z.strictObject({
  version: z.literal(1),
  name: z.string().describe('prefix of every name that the spec does not give'),
  timeZoneData: z.string().describe('time-zone data that the dates come from'),
  tasks: z.array(TaskManifest).readonly(),
  copies: z.array(Copy).readonly(),
  holdings: z.array(DataSetHoldings).readonly(),
  rolesBoundary: z.string().optional().describe('managed policy that bounds each role on AWS, by its name'),
  aws: z.array(AwsStack).readonly(),
  awsTasks: z.strictObject({ shared: z.array(AwsSharedTasks).readonly(), shards: z.array(AwsTaskShard).readonly() }),
  awsReaders: z.array(AwsReaderStack).readonly(),
  azure: z.array(AzureStack).readonly(),
  azureReaders: z.array(AzureReaderStack).readonly(),
  azureTasks: z.strictObject({
    shared: z.array(AzureSharedTasks).readonly(),
    shards: z.array(AzureTaskShard).readonly(),
  }),
  google: z.array(GoogleStack).readonly(),
  googleReaders: z.array(GoogleReaderStack).readonly(),
  googleTasks: z.strictObject({
    shared: z.array(GoogleSharedTasks).readonly(),
    shards: z.array(GoogleTaskShard).readonly(),
  }),
  sites: z.array(Site).readonly(),
});

export type Copy = z.infer<typeof Copy>;
export type Holding = z.infer<typeof Holding>;
export type DataSetHoldings = z.infer<typeof DataSetHoldings>;
export type ProtectionPlan = z.infer<typeof ProtectionPlan>;
