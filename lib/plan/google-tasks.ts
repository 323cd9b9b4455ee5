import { googleRegionOf } from '../clouds';
import { secretNameIn } from '../contract';
import type {
  GoogleNetwork,
  GoogleRecordKey,
  GoogleSharedTasks,
  GoogleStack,
  GoogleTask,
  GoogleTaskShard,
  TaskManifest,
} from '../contract';
import { distinctKebab, fitName, kebab } from '../units';
import { terraformBackend } from './backend';
import type { PlanContext } from './context';
import { cloudsRead, copiesInto, copyPaths } from './copied';
import { googleCopySchedules, googleTaskSchedules } from './google-task-schedules';
import { googleTaskStores } from './google-task-stores';
import { hostsVariable, startsByTimers } from './host-timers';
import { shardOf } from './shard';
import { taskImageOf } from './task-image';
import { testRestoreIn, testRestorePaths } from './test-restore';

/** Range of an isolated network; nothing is routed to it, so it may be the same in every region. */
const ISOLATED_CIDR = '10.99.0.0/20';
/** A dump is compressed by the tool, beside hashing and sending; files of a container lie in its memory. */
const SIZE = { cpu: '2', memory: '4Gi' } as const;
/**
 * The largest that Cloud Run has: a throw-away server and its data lie in that memory too.
 * https://cloud.google.com/run/docs/configuring/services/memory-limits
 */
export const GOOGLE_TEST_RESTORE_SIZE = { cpu: '8', memory: '32Gi' } as const;
/**
 * Ids of service accounts have 6 to 30 characters, names of Cloud Run at most 49; two of them say which of a task's
 * it is. https://cloud.google.com/iam/docs/service-accounts-create
 */
const LONGEST = { account: 28, job: 47, configBucket: 50, keyRing: 63 } as const;

/** APIs that the stacks of tasks use. */
const SERVICES = [
  'artifactregistry.googleapis.com',
  'cloudkms.googleapis.com',
  'cloudscheduler.googleapis.com',
  'compute.googleapis.com',
  'dns.googleapis.com',
  'iam.googleapis.com',
  'logging.googleapis.com',
  'monitoring.googleapis.com',
  'run.googleapis.com',
  'secretmanager.googleapis.com',
  'storage.googleapis.com',
  'workflowexecutions.googleapis.com',
  'workflows.googleapis.com',
];

export interface GoogleTaskStacks {
  readonly shared: readonly GoogleSharedTasks[];
  readonly shards: readonly GoogleTaskShard[];
}

/**
 * The stacks of the tasks that run on Google, in containers and on hosts: what a region shares, and its tasks in shards.
 * @param onSites - names of those whose data set machines of sites write to as well
 */
export function resolveGoogleTasks(
  context: PlanContext,
  tasks: readonly TaskManifest[],
  stores: readonly GoogleStack[],
  onSites: ReadonlySet<string>,
): GoogleTaskStacks {
  const placed = tasks.flatMap((task) => placedJobs(task, onSites));
  const regions = [...new Set(placed.map((one) => one.region))].sort();
  const shared = regions.map((region) =>
    sharedOf(
      context,
      region,
      placed.filter((one) => one.region === region && isTestRestored(one)).map(({ task }) => task),
    ),
  );
  const shards = shared.flatMap((one) =>
    shardsOf(
      context,
      one,
      placed.filter(({ region }) => region === one.region),
      stores,
    ),
  );
  return { shared, shards };
}

/** What runs on Google for a data set: its task, or the job that pulls its copies there. */
interface PlacedJob {
  readonly region: string;
  readonly task: TaskManifest;
  readonly work: 'backup' | 'copy';
  /** Whether machines of sites write there as well. */
  readonly isWatched: boolean;
}

function placedJobs(task: TaskManifest, onSites: ReadonlySet<string>): readonly PlacedJob[] {
  const own = task.cloud === 'google' && (task.host === 'container' || startsByTimers(task)) ? task.stores : [];
  const works = [['backup', own] as const, ['copy', task.copies] as const];
  return works.flatMap(([work, stores]) => {
    const first = stores.find((store) => store.cloud === 'google');
    const isWatched = onSites.has(task.name);
    return first === undefined ? [] : [{ region: googleRegionOf(first.region), task, work, isWatched }];
  });
}

/** A copy holds the same bytes, and its source restores them. */
function isTestRestored({ task, work }: PlacedJob): boolean {
  return work === 'backup' && testRestoreIn('google', task) !== undefined;
}

function stackOf(context: PlanContext, region: string, name: string) {
  const project = context.deployment.google?.project;
  return {
    name,
    region,
    ...(project !== undefined && { project }),
    prefix: context.prefix,
    backend: terraformBackend(context, name),
    configBucket: configBucketOf(context.prefix, region),
  };
}

function sharedOf(context: PlanContext, region: string, tested: readonly TaskManifest[]): GoogleSharedTasks {
  return {
    id: `google.tasks.shared.${region}`,
    from: ['deployment.environment', 'deployment.google.project', 'deployment.name', 'deployment.state'],
    ...stackOf(context, region, `${context.prefix}-google-shared-tasks-${region}`),
    network: networkOf(context, region),
    recordKey: recordKeyOf(context, region, tested),
    services: SERVICES,
    image: {
      id: `google.tasks.image.${region}`,
      ...taskImageOf(context),
      repository: fitName(kebab(`${context.prefix}-backup`), 63),
    },
  };
}

/** Made wherever tasks run: a key that went with the last test restore would be destroyed, and can't be made again. */
function recordKeyOf({ prefix }: PlanContext, region: string, tested: readonly TaskManifest[]): GoogleRecordKey {
  return {
    id: `google.tasks.record_key.${region}`,
    from: [...new Set(['deployment.name', ...tested.flatMap(testRestorePaths)])].sort(),
    keyRing: fitName(kebab(`${prefix}-records`), LONGEST.keyRing),
    keyName: 'restore-records',
  };
}

/** Names of buckets may not have Google's own name in them: https://cloud.google.com/storage/docs/buckets#naming */
function configBucketOf(prefix: string, region: string): string {
  return fitName(`${kebab(prefix).replace(/g[o0]+gle?/g, 'g')}-tasks-${region}`, LONGEST.configBucket);
}

function networkOf({ deployment, prefix }: PlanContext, region: string): GoogleNetwork {
  const node = { id: `google.tasks.network.${region}`, from: ['deployment.network.google'] };
  const { network, subnets: [subnet] = [] } = deployment.network?.google ?? {};
  if (network !== undefined && subnet !== undefined) return { ...node, kind: 'existing', network, subnet };
  const name = fitName(kebab(`${prefix}-backup-${region}`), 63);
  return { ...node, kind: 'isolated', cidr: ISOLATED_CIDR, network: name, subnet: name };
}

/** A task's shard is a hash of its name, so that another task moves none. */
function shardsOf(
  context: PlanContext,
  { name: sharedStack, region, network, recordKey }: GoogleSharedTasks,
  jobs: readonly PlacedJob[],
  stores: readonly GoogleStack[],
): readonly GoogleTaskShard[] {
  const shards = context.deployment.task_shards;
  return Array.from({ length: shards }, (_, index) => index + 1).flatMap((shard) => {
    const own = jobs.filter(({ task }) => shardOf(task.name, shards) === shard);
    if (own.length === 0) return [];
    return [
      {
        id: `google.tasks.${region}.${shard}`,
        from: ['deployment.task_shards'],
        ...stackOf(context, region, `${context.prefix}-google-tasks-${region}-${shard}of${shards}`),
        network: { node: network.id, kind: network.kind, network: network.network, subnet: network.subnet },
        shard,
        shards,
        after: [sharedStack, ...stores.map((stack) => stack.name)].sort(),
        ...(own.some((one) => isTestRestored(one)) && {
          recordKey: { node: recordKey.id, keyRing: recordKey.keyRing, keyName: recordKey.keyName },
        }),
        tasks: own.map((job) => taskOf(context, job, `${shard}of${shards}`)),
      },
    ];
  });
}

/** Names carry shard and number of shards: a task that moves to another stack is new there before it is gone here. */
function taskOf(context: PlanContext, job: PlacedJob, shard: string): GoogleTask {
  const { task, work } = job;
  const { source, name } = task;
  const isCopy = work === 'copy';
  const base = `${context.prefix}-${distinctKebab(isCopy ? `copies of ${name}` : name)}-${shard}`;
  return {
    id: isCopy ? `google.copies.${name}` : `google.${task.id}`,
    from: isCopy ? copyPaths('google', [task]) : [...task.from],
    task: name,
    reads: isCopy ? cloudsRead('google', task, ['aws', 'azure']) : [],
    job: fitName(base, LONGEST.job),
    account: fitName(base, LONGEST.account),
    ...SIZE,
    ...(!isCopy && startsByTimers(task) && { hosts: hostsVariable(distinctKebab(name)) }),
    ...(source.kind === 'database' && !isCopy && { secret: secretNameIn('google', source.secret) }),
    ...(isTestRestored(job) && { testRestore: GOOGLE_TEST_RESTORE_SIZE }),
    stores: googleTaskStores(isCopy ? copiesInto('google', task) : task.stores),
    schedules: isCopy ? googleCopySchedules(task, base) : googleTaskSchedules(task, base, job),
  };
}
