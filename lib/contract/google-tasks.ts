import { z } from 'zod';
import { nodeShape } from './node';
import { BackupType, RunSchedule } from './task';
import { taskImageShape } from './task-image';
import { TerraformBackend } from './terraform';

/** A bucket that a task may use, under prefixes. */
export const GoogleTaskStore = z.strictObject({
  store: z.string().describe('id of the bucket in the plan'),
  bucket: z.string(),
  prefixes: z.array(z.string()).min(1).readonly().describe('fixed beginnings of the paths that the task writes to'),
});

/**
 * One schedule of a task: a run or a copy, verified at once; the verification of what a host
 * stored, or the machine of a site; or after the window the pruning, the re-read of all that is
 * stored, or the restore of the newest backup for a test.
 */
export const GoogleTaskSchedule = z.strictObject({
  ...nodeShape,
  name: z.string().describe('name of the job of Cloud Scheduler'),
  command: z.enum(['backup', 'copy', 'watch', 'prune', 'verify', 'test-restore']),
  type: BackupType.optional().describe('with backup'),
  schedule: RunSchedule,
});

/** The key that signs records of test restores: made in the region of the tasks, for good. */
export const GoogleRecordKey = z.strictObject({ ...nodeShape, keyRing: z.string(), keyName: z.string() });

/**
 * A task on Cloud Run: a job and a service account for each thing that it does. Backups of a host are taken there; they
 * are verified, pruned and restored for tests here all the same.
 */
export const GoogleTask = z.strictObject({
  ...nodeShape,
  task: z.string().describe('name of the data set and of its manifest'),
  reads: z
    .array(z.enum(['aws', 'azure']))
    .readonly()
    .describe('clouds whose stores a copy job pulls from; none: it takes the backups itself'),
  job: z.string().describe('beginning of the names of its jobs, which end with -w, -v, -p and -r'),
  account: z.string().describe('beginning of the ids of its service accounts, with the same ends'),
  cpu: z.string(),
  memory: z.string(),
  hosts: z
    .string()
    .optional()
    .describe('Terraform variable with who the hosts are that take its backups; left out: a container does'),
  secret: z.string().optional().describe("id of the secret with the source's connection, in Secret Manager"),
  stores: z.array(GoogleTaskStore).min(1).readonly(),
  testRestore: z
    .strictObject({ cpu: z.string(), memory: z.string() })
    .optional()
    .describe('size of the job that restores its newest backup for a test; left out: none does'),
  schedules: z.array(GoogleTaskSchedule).readonly(),
});

/** An isolated network that reaches Google's services and nothing else, or one that exists. */
export const GoogleNetwork = z.discriminatedUnion('kind', [
  z.strictObject({
    ...nodeShape,
    kind: z.literal('isolated'),
    cidr: z.string(),
    network: z.string(),
    subnet: z.string(),
  }),
  z.strictObject({ ...nodeShape, kind: z.literal('existing'), network: z.string(), subnet: z.string() }),
]);

/** The network in which containers run, by its names. */
export const GoogleTaskNetwork = z.strictObject({
  node: z.string().describe('id of the node of the network'),
  kind: z.enum(['isolated', 'existing']),
  network: z.string(),
  subnet: z.string(),
});

/** What every stack of tasks says of itself. */
const stackShape = {
  ...nodeShape,
  name: z.string().describe('name of the Terraform stack'),
  region: z.string(),
  project: z.string().optional().describe('left out: the project of the credentials (GOOGLE_PROJECT)'),
  prefix: z.string().describe('prefix of the names of what is shared'),
  backend: TerraformBackend,
  configBucket: z
    .string()
    .describe('beginning of the name of the bucket of task manifests; the project number ends it'),
};

/** What all tasks of a region share. */
export const GoogleSharedTasks = z.strictObject({
  ...stackShape,
  network: GoogleNetwork,
  recordKey: GoogleRecordKey.describe('there before the first test restore is asked for and after the last'),
  services: z.array(z.string()).readonly().describe('APIs to enable, like run.googleapis.com'),
  image: z.strictObject({
    ...nodeShape,
    repository: z.string().describe('repository of Artifact Registry'),
    ...taskImageShape,
  }),
});

/** The tasks of one shard. */
export const GoogleTaskShard = z.strictObject({
  ...stackShape,
  network: GoogleTaskNetwork,
  shard: z.int().min(1),
  shards: z.int().min(1),
  after: z.array(z.string()).readonly().describe('stacks that have to be there'),
  recordKey: GoogleRecordKey.pick({ keyRing: true, keyName: true })
    .extend({ node: z.string().describe('id of the node of the key') })
    .optional()
    .describe('key of the region, for the test restores of this shard; left out: it has none'),
  tasks: z.array(GoogleTask).readonly(),
});

export type GoogleTaskStore = z.infer<typeof GoogleTaskStore>;
export type GoogleTaskSchedule = z.infer<typeof GoogleTaskSchedule>;
export type GoogleRecordKey = z.infer<typeof GoogleRecordKey>;
export type GoogleTask = z.infer<typeof GoogleTask>;
export type GoogleNetwork = z.infer<typeof GoogleNetwork>;
export type GoogleTaskNetwork = z.infer<typeof GoogleTaskNetwork>;
export type GoogleSharedTasks = z.infer<typeof GoogleSharedTasks>;
export type GoogleTaskShard = z.infer<typeof GoogleTaskShard>;
