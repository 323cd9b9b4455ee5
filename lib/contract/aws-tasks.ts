import { z } from 'zod';
import { AwsBucket } from './aws-storage';
import { AwsTaskGroups } from './aws-task-groups';
import { AwsTaskStore } from './aws-task-store';
import { nodeShape } from './node';
import { BackupType, RunSchedule } from './task';
import { taskImageShape } from './task-image';

/**
 * One schedule of a task: a run or a copy, verified at once; each hour the verification of what the machine of a site
 * stored; or after the window the pruning, the re-read of all that is stored, or a test restore.
 */
export const AwsTaskSchedule = z.strictObject({
  ...nodeShape,
  name: z.string().describe('name in its schedule group, at most 64 characters'),
  command: z.enum(['backup', 'copy', 'watch', 'prune', 'verify', 'test-restore']),
  type: BackupType.optional().describe('with backup'),
  schedule: RunSchedule,
});

/** The machine that a task runs on, as Run Command finds it. */
export const AwsHost = z.strictObject({
  ...nodeShape,
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('tag'), key: z.string(), value: z.string() }),
    z.strictObject({ kind: z.literal('node'), node: z.string().describe('id of an instance or of a hybrid node') }),
  ]),
  local: z.boolean().describe('whether a folder of the machine holds a copy, which is verified and pruned there'),
  bounded: z.boolean().describe('whether max_size bounds that folder: what goes for it has to be seen in the stores'),
});

/** A task: its backups run in a container on Fargate or on a host; verification and pruning always in a container. */
export const AwsTask = z.strictObject({
  ...nodeShape,
  task: z.string().describe('name of the data set and of its manifest'),
  host: AwsHost.nullable().describe('null: in a container'),
  reads: z
    .array(z.enum(['azure', 'google']))
    .readonly()
    .describe('clouds whose stores a copy job pulls from; none: it takes the backups itself'),
  family: z.string().describe('family of its task definition'),
  cpu: z.int().describe('CPU units of Fargate'),
  memoryMiB: z.int(),
  secret: z.string().optional().describe("name of the secret with the source's connection"),
  local: z
    .strictObject({ ...nodeShape, path: z.string() })
    .nullable()
    .describe('folder of a container that a shared file system holds'),
  stores: z.array(AwsTaskStore).min(1).readonly(),
  thaws: z
    .boolean()
    .optional()
    .describe('true: what a test restore reads may be archived, and an identity of its own asks for it before'),
  schedules: z.array(AwsTaskSchedule).readonly(),
});

/** An isolated network with endpoints of its own, or one that exists. */
export const AwsNetwork = z.discriminatedUnion('kind', [
  z.strictObject({
    ...nodeShape,
    kind: z.literal('isolated'),
    cidr: z.string(),
    copies: z.boolean().describe('whether it has subnets with a way to other clouds, for copy jobs'),
    sessions: z.literal(true).optional().describe('containers take roles: the service that gives them has an endpoint'),
    signing: z.literal(true).optional().describe('containers sign records: the key service has an endpoint'),
  }),
  z.strictObject({
    ...nodeShape,
    kind: z.literal('existing'),
    vpc: z.string(),
    subnets: z.array(z.string()).min(1).readonly(),
  }),
]);

/** What the name of a bucket in S3 is made of. */
const PhysicalBucket = AwsBucket.pick({ name: true, naming: true }).extend({
  region: z.string(),
  account: z.string().optional().describe('left out: the account of the credentials'),
});

/** What all tasks of a region share. */
export const AwsSharedTasks = z.strictObject({
  ...nodeShape,
  name: z.string().describe('CloudFormation stack name'),
  region: z.string(),
  account: z.string().optional(),
  prefix: z.string().describe('prefix of the names of what is shared'),
  network: AwsNetwork,
  fileSystem: z.boolean().describe('whether a task keeps a local copy'),
  records: z
    .strictObject({ ...nodeShape, alias: z.string() })
    .describe('key that signs records of test restores, there before the first is asked for and after the last'),
  replications: z
    .array(
      z.strictObject({
        source: PhysicalBucket,
        rules: z
          .array(z.strictObject({ name: z.string(), destination: PhysicalBucket }))
          .min(1)
          .readonly(),
      }),
    )
    .readonly()
    .describe('buckets of the region that are replicated, whose failures are told here'),
});

/** The tasks of one shard. */
export const AwsTaskShard = z.strictObject({
  ...nodeShape,
  name: z.string().describe('CloudFormation stack name'),
  region: z.string(),
  account: z.string().optional(),
  prefix: z.string(),
  shard: z.int().min(1),
  shards: z.int().min(1),
  image: z.strictObject({
    ...nodeShape,
    ...taskImageShape,
  }),
  subnets: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('subnets of an existing network; left out: the two of the isolated one'),
  after: z.array(z.string()).readonly(),
  hosts: z
    .strictObject({ ...nodeShape, maxParallel: z.int().min(1).describe('backups at once on one machine') })
    .nullable()
    .describe('null: no task of the shard runs on a host'),
  tasks: z.array(AwsTask).readonly(),
  testRestores: z
    .strictObject({ cpu: z.int().describe('CPU units of Fargate'), memoryMiB: z.int(), diskGiB: z.int() })
    .optional()
    .describe('what a container has for a test restore; left out: no task of the shard is test-restored'),
  groups: AwsTaskGroups.optional().describe('left out: each task has identities, containers and schedules of its own'),
});

export type AwsTaskSchedule = z.infer<typeof AwsTaskSchedule>;
export type AwsHost = z.infer<typeof AwsHost>;
export type AwsTask = z.infer<typeof AwsTask>;
export type AwsNetwork = z.infer<typeof AwsNetwork>;
export type AwsSharedTasks = z.infer<typeof AwsSharedTasks>;
export type AwsTaskShard = z.infer<typeof AwsTaskShard>;
