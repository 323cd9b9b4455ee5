import { secretNameIn } from '../contract';
import type {
  AzureNetwork,
  AzureSharedTasks,
  AzureStack,
  AzureTask,
  AzureTaskMachine,
  AzureTaskShard,
  TaskManifest,
} from '../contract';
import { distinctKebab, fitName } from '../units';
import { azureCopyFlows, azureTaskFlows, azureTaskStarts } from './azure-task-flows';
import { azureTaskStores } from './azure-task-stores';
import type { PlacedAzureStore } from './azure-task-stores';
import { terraformBackend } from './backend';
import type { PlanContext } from './context';
import { hostsVariable, startsByTimers } from './host-timers';
import { cloudsRead, copiesInto, copyPaths } from './copied';
import type { KnownOfTasks } from './known-tasks';
import { shardOf } from './shard';
import { taskImageOf } from './task-image';
import { testRestoreIn } from './test-restore';

/** Ranges of an isolated network: nothing is routed to it, so they may be the same in every location. */
const ISOLATED = { cidr: '10.99.0.0/16', containers: '10.99.0.0/23', endpoints: '10.99.2.0/24' } as const;
/** Containers that read other clouds have a way out that the others have not. */
const COPIES = '10.99.4.0/23';
/** A pair that Container Apps has: two processors for a dump's compression beside hashing and sending. */
const SIZE = { cpu: 2, memoryGiB: 4 } as const;
/**
 * The largest that a job has without a machine of its own, and its disk: https://learn.microsoft.com/azure/container-apps/containers#configuration
 * and https://learn.microsoft.com/azure/container-apps/storage-mounts#ephemeral-storage
 */
export const AZURE_TEST_RESTORE_SIZE = { cpu: 4, memoryGiB: 8, diskGiB: 8 } as const;
/** Container of manifests and of the runner. */
const CONFIG_CONTAINER = 'hypdr-tasks';

export interface AzureTaskStacks {
  readonly shared: readonly AzureSharedTasks[];
  readonly shards: readonly AzureTaskShard[];
}

interface Placed {
  readonly location: string;
  readonly task: AzureTask;
  readonly stores: readonly PlacedAzureStore[];
}

/** The stacks of the tasks that Azure starts, in containers and on Windows hosts, in the location of their first store. */
export function resolveAzureTasks(
  context: PlanContext,
  tasks: readonly TaskManifest[],
  stacks: readonly AzureStack[],
  known: KnownOfTasks,
): AzureTaskStacks {
  const placed = tasks.flatMap((task) => [...placedTask(task, stacks, known), ...placedCopies(task, stacks)]);
  const locations = [...new Set(placed.map((one) => one.location))].sort();
  const shared = locations.map((location) =>
    sharedOf(
      context,
      location,
      placed.filter((one) => one.location === location),
    ),
  );
  const shards = shared.flatMap((one) =>
    shardsOf(
      context,
      one,
      placed.filter(({ location }) => location === one.location),
    ),
  );
  return { shared, shards };
}

function placedTask(
  task: TaskManifest,
  stacks: readonly AzureStack[],
  { isArchived, onSites }: KnownOfTasks,
): readonly Placed[] {
  if (task.cloud !== 'azure') return [];
  const word = distinctKebab(task.name);
  const machine = machineOf(task, word);
  const stores = azureTaskStores(task.stores, stacks);
  const location = stores[0]?.location;
  if (machine === 'not started' || location === undefined) return [];
  const placed = taskOf(task, { word, machine, stores, isWatched: onSites.has(task.name) });
  if (!placed.testRestore || !isArchived(task)) return [{ location, stores, task: placed }];
  const jobs = { ...placed.jobs, thawer: jobName(word, 'thawer') };
  return [{ location, stores, task: { ...placed, jobs } }];
}

/** The job that pulls a data set's copies into Azure. */
function placedCopies(task: TaskManifest, stacks: readonly AzureStack[]): readonly Placed[] {
  const stores = azureTaskStores(copiesInto('azure', task), stacks);
  const location = stores[0]?.location;
  if (location === undefined) return [];
  const word = distinctKebab(`copies of ${task.name}`);
  const job: AzureTask = {
    id: `azure.copies.${task.name}`,
    from: copyPaths('azure', [task]),
    task: task.name,
    reads: cloudsRead('azure', task, ['aws', 'google']),
    jobs: jobsOf(word),
    ...SIZE,
    stores: stores.map(({ store }) => store),
    flows: azureCopyFlows(task, word),
    machine: null,
  };
  return [{ location, stores, task: job }];
}

/** SQL Server runs on its own host, which Automation reaches; nothing of Azure starts others on hosts with Windows. */
function machineOf(task: TaskManifest, word: string): AzureTaskMachine | null | 'not started' {
  if (task.host === 'container' || startsByTimers(task)) return null;
  if (task.engine !== 'sqlserver') return 'not started';
  return {
    id: `azure.task.${task.name}.machine`,
    from: task.from.filter((one) => one.startsWith('deployment.tasks')),
    host: task.host,
    variable: `machines_${word.replace(/-/g, '_')}`,
    workerGroup: fitName(`backup-${word}`, 63),
    starts: azureTaskStarts(task, word),
  };
}

interface TaskPlace {
  readonly word: string;
  readonly machine: AzureTaskMachine | null;
  readonly stores: readonly PlacedAzureStore[];
  /** Whether machines of sites write there as well. */
  readonly isWatched: boolean;
}

function taskOf(task: TaskManifest, { word, machine, stores, isWatched }: TaskPlace): AzureTask {
  const { cpu, memoryGiB } = AZURE_TEST_RESTORE_SIZE;
  const isTested = testRestoreIn('azure', task) !== undefined;
  return {
    id: `azure.${task.id}`,
    from: [...task.from],
    task: task.name,
    reads: [],
    jobs: { ...jobsOf(word), ...(isTested && { restorer: jobName(word, 'restorer') }) },
    ...SIZE,
    ...(isTested && { testRestore: { cpu, memoryGiB } }),
    ...secretOf(task, machine),
    stores: stores.map(({ store }) => store),
    flows: azureTaskFlows(task, word, { startedBy: startedBy(task, machine), isWatched }),
    machine,
    ...(startsByTimers(task) && { hosts: hostsVariable(word) }),
  };
}

function startedBy(task: TaskManifest, machine: AzureTaskMachine | null): 'flow' | 'automation' | 'timers' {
  if (machine) return 'automation';
  return startsByTimers(task) ? 'timers' : 'flow';
}

function jobsOf(word: string): AzureTask['jobs'] {
  return { writer: jobName(word, 'writer'), verifier: jobName(word, 'verifier'), pruner: jobName(word, 'pruner') };
}

/** A name begins with a letter there. */
function jobName(word: string, role: string): string {
  return `b-${fitName(word, 21)}-${role}`;
}

/** A host signs in to its own server by its account, unless the spec names a login. */
function secretOf({ source }: TaskManifest, machine: AzureTaskMachine | null): Pick<AzureTask, 'secret'> {
  if (source.kind !== 'database') return {};
  const login = source.user !== undefined || source.environment.length > 0;
  return machine === null || login ? { secret: secretNameIn('azure', source.secret) } : {};
}

function sharedOf(context: PlanContext, location: string, placed: readonly Placed[]): AzureSharedTasks {
  const { prefix } = context;
  const name = `${prefix}-azure-shared-tasks-${location}`;
  const accounts = new Map(
    placed.flatMap(({ stores }) => stores.map(({ store }) => [store.account, store.resourceGroup] as const)),
  );
  const sorted = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1));
  const own = placed.flatMap(({ stores, location: at }) =>
    stores.filter((one) => one.location === at).map(({ store }) => store),
  );
  const [home] = [...own].sort((a, b) => (a.account < b.account ? -1 : 1));
  if (!home) throw new Error(`no account in ${location}`);
  const copies = placed.some(({ task }) => task.reads.length > 0);
  const network = networkOf(context, location, copies);
  const environment = fitName(`cae-${prefix}-${location}`, 32);
  return {
    id: `azure.tasks.shared.${location}`,
    from: ['deployment.azure.subscription', 'deployment.environment', 'deployment.name', 'deployment.state'],
    name,
    location,
    ...subscriptionOf(context),
    prefix,
    names: {
      resourceGroup: fitName(`rg-${prefix}-tasks-${location}`, 90),
      environment,
      copyEnvironment: hasOwnCopies(network) ? fitName(`cae-${prefix}-copies-${location}`, 32) : environment,
      workspace: fitName(`log-${prefix}-tasks-${location}`, 63),
      actionGroup: fitName(`ag-${prefix}-tasks-${location}`, 128),
      puller: fitName(`id-${prefix}-image-${location}`, 128),
      network: fitName(`vnet-${prefix}-tasks-${location}`, 64),
    },
    config: { account: home.account, resourceGroup: home.resourceGroup, container: CONFIG_CONTAINER },
    backend: terraformBackend(context, name),
    network,
    image: { id: `azure.tasks.image.${location}`, ...taskImageOf(context) },
    accounts: sorted.map(([account, resourceGroup]) => ({ account, resourceGroup })),
  };
}

function subscriptionOf({ deployment }: PlanContext): { subscription?: string } {
  const subscription = deployment.azure?.subscription;
  return subscription === undefined ? {} : { subscription };
}

function networkOf({ deployment }: PlanContext, location: string, copies: boolean): AzureNetwork {
  const node = { id: `azure.tasks.network.${location}`, from: ['deployment.network.azure'] };
  const [subnet] = deployment.network?.azure?.subnets ?? [];
  if (subnet !== undefined) return { ...node, kind: 'existing', subnet };
  return { ...node, kind: 'isolated', ...ISOLATED, ...(copies && { copies: COPIES }) };
}

/** A subnet that exists has the way out that its owner gave it. */
function hasOwnCopies(network: AzureNetwork): boolean {
  return network.kind === 'isolated' && network.copies !== undefined;
}

/** A task's shard is a hash of its name, so that another task moves none. */
function shardsOf(
  context: PlanContext,
  shared: AzureSharedTasks,
  placed: readonly Placed[],
): readonly AzureTaskShard[] {
  const { location, prefix, names, config } = shared;
  const shards = context.deployment.task_shards;
  return Array.from({ length: shards }, (_, index) => index + 1).flatMap((shard) => {
    const own = placed.filter(({ task }) => shardOf(task.task, shards) === shard);
    if (own.length === 0) return [];
    const name = `${prefix}-azure-tasks-${location}-${shard}of${shards}`;
    return [
      {
        id: `azure.tasks.${location}.${shard}`,
        from: ['deployment.task_shards'],
        name,
        location,
        ...subscriptionOf(context),
        prefix,
        names,
        config,
        backend: terraformBackend(context, name),
        shard,
        shards,
        shardName: `${prefix}-backup-${location}-${shard}of${shards}`,
        after: [...new Set([shared.name, ...own.flatMap(({ stores }) => stores.map(({ stack }) => stack))])].sort(),
        tasks: own.map(({ task }) => task),
      },
    ];
  });
}
