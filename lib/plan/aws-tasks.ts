import type { AwsNetwork, AwsSharedTasks, AwsStack, AwsTask, AwsTaskShard, TaskManifest } from '../contract';
import { distinctKebab, fitName } from '../units';
import { areMany, groupsOf, isTestRestored, sharedFamily } from './aws-task-groups';
import { awsHostOf } from './aws-task-host';
import { replicationsIn } from './aws-replications';
import { awsCopySchedules, awsTaskSchedules, awsWatch } from './aws-task-schedules';
import { awsTaskStores } from './aws-task-stores';
import type { PlanContext } from './context';
import { cloudsRead, copiesInto, copyPaths } from './copied';
import type { KnownOfTasks } from './known-tasks';
import { shardOf } from './shard';
import { taskImageOf } from './task-image';
import { AWS_TEST_RESTORE_SIZE } from './test-restore';

/** Range of an isolated network; nothing is routed to it, so it may be the same in every region. */
const ISOLATED_CIDR = '10.99.0.0/16';
/** A dump is compressed by the tool, beside hashing and sending: two processors, and room for parts of every store. */
const SIZE = { cpu: 2048, memoryMiB: 4096 } as const;

export interface AwsTaskStacks {
  readonly shared: readonly AwsSharedTasks[];
  readonly shards: readonly AwsTaskShard[];
}

/** The stacks of the tasks that AWS starts, in containers and on hosts: what a region shares, and its tasks in shards. */
export function resolveAwsTasks(
  context: PlanContext,
  tasks: readonly TaskManifest[],
  stores: readonly AwsStack[],
  known: KnownOfTasks,
): AwsTaskStacks {
  const each = tasks.flatMap((task) => [
    ...placedTask(context, task, stores, known),
    ...placedCopies(context, task, stores),
  ]);
  const many = areMany(each.map(({ task }) => task));
  // Where tasks share roles nobody thaws (DR3077).
  const placed = many ? each.map(({ region, task: { thaws: _, ...task } }) => ({ region, task })) : each;
  const regions = [...new Set(placed.map((one) => one.region))].sort();
  const shared = regions.map((region) =>
    sharedOf(
      context,
      region,
      placed.filter((one) => one.region === region).map(({ task }) => task),
      { stores, many },
    ),
  );
  const shards = shared.flatMap((one) =>
    shardsOf(
      context,
      one,
      placed.flatMap(({ region, task }) => (region === one.region ? [task] : [])),
      { stores, many },
    ),
  );
  return { shared, shards };
}

interface Placed {
  readonly region: string;
  readonly task: AwsTask;
}

function placedTask(
  context: PlanContext,
  task: TaskManifest,
  stacks: readonly AwsStack[],
  { isArchived, onSites }: KnownOfTasks,
): readonly Placed[] {
  if (task.cloud !== 'aws') return [];
  const host = awsHostOf(task);
  if (host === 'not started') return [];
  const own = awsTaskStores(task, stacks);
  const region = own[0]?.region;
  if (region === undefined) return [];
  const placed = taskOf(context, task, host, { stores: own, isWatched: onSites.has(task.name) });
  const thaws = isTestRestored(placed) && isArchived(task);
  return [{ region, task: thaws ? { ...placed, thaws } : placed }];
}

/** The job that pulls a data set's copies into AWS. */
function placedCopies(context: PlanContext, task: TaskManifest, stacks: readonly AwsStack[]): readonly Placed[] {
  const stores = awsTaskStores(task, stacks, copiesInto('aws', task));
  const region = stores[0]?.region;
  if (region === undefined) return [];
  const job: AwsTask = {
    id: `aws.copies.${task.name}`,
    from: copyPaths('aws', [task]),
    task: task.name,
    host: null,
    reads: cloudsRead('aws', task, ['azure', 'google']),
    family: fitName(`${context.prefix}-${distinctKebab(`copies of ${task.name}`)}`, 200),
    ...SIZE,
    local: null,
    stores,
    schedules: awsCopySchedules(task),
  };
  return [{ region, task: job }];
}

function taskOf(
  context: PlanContext,
  task: TaskManifest,
  host: AwsTask['host'],
  { stores, isWatched }: Pick<AwsTask, 'stores'> & { readonly isWatched: boolean },
): AwsTask {
  const { source, local } = task;
  return {
    id: `aws.${task.id}`,
    from: [...task.from],
    task: task.name,
    host,
    reads: [],
    family: fitName(`${context.prefix}-${distinctKebab(task.name)}`, 200),
    ...SIZE,
    ...(source.kind === 'database' && { secret: source.secret }),
    local: local && !host ? { id: `aws.${local.id}`, from: [...local.from], path: local.path } : null,
    stores,
    schedules: [...awsTaskSchedules(task), ...(isWatched ? [awsWatch(task)] : [])],
  };
}

function sharedOf(
  context: PlanContext,
  region: string,
  tasks: readonly AwsTask[],
  { stores, many }: { readonly stores: readonly AwsStack[]; readonly many: boolean },
): AwsSharedTasks {
  return {
    id: `aws.tasks.shared.${region}`,
    from: ['deployment.environment', 'deployment.name'],
    name: `${context.prefix}-shared-tasks-${region}`,
    region,
    ...accountOf(context),
    prefix: context.prefix,
    network: networkOf(context, region, {
      copies: tasks.some((task) => task.reads.length > 0),
      many,
      signing: tasks.some(isTestRestored),
    }),
    fileSystem: tasks.some((task) => task.local !== null),
    // Whoever asks for test restores no longer still has records to check: the key does not come and go with them.
    records: {
      id: `aws.tasks.records.${region}`,
      from: [...new Set(['deployment.name', ...tasks.flatMap(testRestoreFrom)])].sort(),
      alias: `alias/${context.prefix}-backup-records`,
    },
    replications: replicationsIn(region, stores),
  };
}

function testRestoreFrom({ schedules }: AwsTask): readonly string[] {
  return schedules.flatMap(({ command, from }) => (command === 'test-restore' ? from : []));
}

function accountOf({ deployment }: PlanContext): { account?: string } {
  const account = deployment.aws?.account;
  return account === undefined ? {} : { account };
}

function networkOf(
  { deployment }: PlanContext,
  region: string,
  { copies, many, signing }: { readonly copies: boolean; readonly many: boolean; readonly signing: boolean },
): AwsNetwork {
  const node = { id: `aws.tasks.network.${region}`, from: ['deployment.network.aws'] };
  const { network, subnets } = deployment.network?.aws ?? {};
  return network !== undefined && subnets !== undefined && subnets.length > 0
    ? { ...node, kind: 'existing', vpc: network, subnets }
    : {
        ...node,
        kind: 'isolated',
        cidr: ISOLATED_CIDR,
        copies,
        ...(many && { sessions: many }),
        ...(signing && { signing }),
      };
}

function shardsOf(
  context: PlanContext,
  shared: AwsSharedTasks,
  tasks: readonly AwsTask[],
  { stores, many }: { readonly stores: readonly AwsStack[]; readonly many: boolean },
): readonly AwsTaskShard[] {
  const { region } = shared;
  const shards = context.deployment.task_shards;
  return Array.from({ length: shards }, (_, index) => index + 1).flatMap((shard) => {
    const alone = tasks.filter((one) => shardOf(one.task, shards) === shard);
    if (alone.length === 0) return [];
    const id = `aws.tasks.${region}.${shard}`;
    const shardName = `${context.prefix}-backup-${shard}of${shards}`;
    const own = many ? alone.map((task) => ({ ...task, family: sharedFamily(shardName, task) })) : alone;
    const used = new Set(own.flatMap((one) => one.stores.map((store) => store.store)));
    const after = stores.filter((stack) => stack.buckets.some((bucket) => used.has(bucket.id)));
    return [
      {
        id,
        from: ['deployment.task_shards'],
        name: `${context.prefix}-tasks-${region}-${shard}of${shards}`,
        region,
        ...accountOf(context),
        prefix: context.prefix,
        shard,
        shards,
        image: {
          id: `aws.tasks.image.${region}.${shard}`,
          ...taskImageOf(context),
        },
        ...(shared.network.kind === 'existing' && { subnets: shared.network.subnets }),
        hosts: own.some((one) => one.host)
          ? {
              id: `aws.tasks.hosts.${region}.${shard}`,
              from: ['deployment.max_parallel'],
              maxParallel: context.deployment.max_parallel,
            }
          : null,
        after: [shared.name, ...after.map((stack) => stack.name)].sort(),
        tasks: own,
        ...(own.some(isTestRestored) && { testRestores: AWS_TEST_RESTORE_SIZE }),
        ...(many && { groups: groupsOf({ tasks: own, id }) }),
      },
    ];
  });
}
