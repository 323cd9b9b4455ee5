import { z } from 'zod';
import { nodeShape } from './node';
import { BackupType, RunSchedule } from './task';
import { taskImageShape } from './task-image';
import { TerraformBackend } from './terraform';

/** A container that a task may use, under prefixes. */
export const AzureTaskStore = z.strictObject({
  store: z.string().describe('id of the container in the plan'),
  account: z.string(),
  resourceGroup: z.string().describe('group of the account, in the stack of its location'),
  container: z.string(),
  prefixes: z.array(z.string()).min(1).readonly().describe('fixed beginnings of the paths that the task writes to'),
});

/**
 * What a Logic App does at a time: a run or a copy and its verification, that of a run that Automation starts on a host
 * (`follow`), that of what hosts or machines of sites stored by their own timers (`watch`), pruning, the
 * re-read of all that is stored, or the restore of the newest backup for a test.
 */
export const AzureTaskFlow = z.strictObject({
  ...nodeShape,
  name: z.string().describe('name of the Logic App, at most 43 characters'),
  does: z.enum(['backup', 'copy', 'follow', 'watch', 'prune', 'verify', 'test-restore']),
  type: BackupType.optional().describe('with backup'),
  schedule: RunSchedule,
  windowsZone: z.string().describe("Windows' name of the zone: Logic Apps know no other"),
});

/** What a schedule of Azure Automation starts on a host. */
export const AzureTaskStart = z.strictObject({
  ...nodeShape,
  name: z.string().describe('beginning of the names of its schedules'),
  runbook: z.string().describe('a runbook of its own: jobs are told apart by it'),
  command: z.enum(['backup', 'verify', 'prune']).describe('verify and prune look after the folder of the host'),
  type: BackupType.optional().describe('with backup'),
  schedule: RunSchedule,
});

/** A task on a Windows host, started by Azure Automation. */
export const AzureTaskMachine = z.strictObject({
  ...nodeShape,
  host: z.string().describe('which hosts, as the task says'),
  variable: z.string().describe('Terraform variable with the machines'),
  workerGroup: z.string(),
  starts: z.array(AzureTaskStart).readonly(),
});

export const AzureTask = z.strictObject({
  ...nodeShape,
  task: z.string().describe('name of the data set and of its manifest'),
  reads: z
    .array(z.enum(['aws', 'google']))
    .readonly()
    .describe('clouds whose stores a copy job pulls from; none: it takes the backups itself'),
  jobs: z
    .strictObject({
      writer: z.string(),
      verifier: z.string(),
      pruner: z.string(),
      restorer: z.string().optional(),
      thawer: z
        .string()
        .optional()
        .describe('asks for what a test restore reads and may be archived; left out: some of it is read at once'),
    })
    .describe('names of Container Apps jobs, at most 32 characters; a task on a host has no writer job'),
  cpu: z.number().describe('virtual processors'),
  memoryGiB: z.number(),
  testRestore: z
    .strictObject({ cpu: z.number(), memoryGiB: z.number() })
    .optional()
    .describe('size of the job that restores its newest backup for a test; left out: none does'),
  secret: z.string().optional().describe("name in the key vault of the secret with the source's connection"),
  stores: z.array(AzureTaskStore).min(1).readonly(),
  flows: z.array(AzureTaskFlow).readonly(),
  machine: AzureTaskMachine.nullable().describe('a Windows host that Automation starts'),
  hosts: z
    .string()
    .optional()
    .describe('Terraform variable with who the hosts are that take its backups by timers of their own'),
});

/** A virtual network of its own that leads to Azure's services only, or a subnet that exists. */
export const AzureNetwork = z.discriminatedUnion('kind', [
  z.strictObject({
    ...nodeShape,
    kind: z.literal('isolated'),
    cidr: z.string(),
    containers: z.string().describe('range of the containers'),
    endpoints: z.string().describe('range of the private endpoints of accounts'),
    copies: z.string().optional().describe('range of the containers that read other clouds'),
  }),
  z.strictObject({ ...nodeShape, kind: z.literal('existing'), subnet: z.string().describe('id of the subnet') }),
]);

/** Names of what the tasks of a location share: ids follow from them, so that no stack reads another one's outputs. */
export const AzureSharedNames = z.strictObject({
  resourceGroup: z.string(),
  environment: z.string(),
  copyEnvironment: z.string().describe('environment of the containers that read other clouds'),
  workspace: z.string(),
  actionGroup: z.string(),
  puller: z.string().describe('identity that pulls the image'),
  network: z.string(),
});

/** Where manifests and the runner lie for those who start: a container of its own in an account of backups. */
export const AzureTaskConfig = z.strictObject({
  account: z.string(),
  resourceGroup: z.string(),
  container: z.string(),
});

const stackShape = {
  ...nodeShape,
  name: z.string(),
  location: z.string(),
  subscription: z.string().optional().describe('left out: ARM_SUBSCRIPTION_ID at deployment'),
  prefix: z.string().describe('prefix of the names of what is shared'),
  names: AzureSharedNames,
  config: AzureTaskConfig,
  backend: TerraformBackend,
};

/** What all tasks of a location share. */
export const AzureSharedTasks = z.strictObject({
  ...stackShape,
  network: AzureNetwork,
  image: z
    .strictObject({ ...nodeShape, ...taskImageShape })
    .describe('built by hand, by the command of the output image_build'),
  accounts: z
    .array(z.strictObject({ account: z.string(), resourceGroup: z.string() }))
    .readonly()
    .describe('accounts that the tasks use, reached by private endpoints from an isolated network'),
});

/** The tasks of one shard. */
export const AzureTaskShard = z.strictObject({
  ...stackShape,
  shard: z.int().min(1),
  shards: z.int().min(1),
  shardName: z.string().describe('beginning of the names of what the shard has once'),
  after: z.array(z.string()).readonly().describe('stacks that are applied first'),
  tasks: z.array(AzureTask).readonly(),
});

export type AzureTaskStore = z.infer<typeof AzureTaskStore>;
export type AzureTaskFlow = z.infer<typeof AzureTaskFlow>;
export type AzureTaskStart = z.infer<typeof AzureTaskStart>;
export type AzureTaskMachine = z.infer<typeof AzureTaskMachine>;
export type AzureTask = z.infer<typeof AzureTask>;
export type AzureNetwork = z.infer<typeof AzureNetwork>;
export type AzureSharedNames = z.infer<typeof AzureSharedNames>;
export type AzureTaskConfig = z.infer<typeof AzureTaskConfig>;
export type AzureSharedTasks = z.infer<typeof AzureSharedTasks>;
export type AzureTaskShard = z.infer<typeof AzureTaskShard>;
