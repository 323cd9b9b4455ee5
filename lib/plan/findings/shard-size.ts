import type { AwsTask, AwsTaskGroups, AwsTaskShard } from '../../contract';
import { groupsOf, isTestRestored } from '../aws-task-groups';
import { shardOf } from '../shard';

/**
 * What a stack may hold.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const STACK = { resources: 500, bytes: 1_000_000 } as const;
/**
 * Characters of a role's own policies. That of the state machine names each host that is no tag.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const POLICY = { characters: 10_240, machine: 3500, node: 90, tag: 5 } as const;

/** What parts of a template take, rounded up; `test/suites/long/many-tasks.test.ts` measures them. */
const ALONE = {
  shared: 60_000,
  task: 12_000,
  store: 4500,
  schedule: 3000,
  restorer: 2500,
  untested: 1200,
  restored: 1700,
  restores: 4500,
} as const;
/** What a task adds to its stack at most: roles, container, folder, two alarms; one for each schedule; who restores, and an alarm where nobody did. */
const TASK_RESOURCES = 7;
/** What a stack of tasks has without any: roles, state machine, its alarm and the prober's, logs, queue, prober, group, the document of hosts. */
const SHARED_RESOURCES = 26;

/** The same where tasks share roles, containers and schedules: a folder and a host's policy are a task's own. */
const MANY = {
  shared: 80_000,
  task: 1400,
  folder: 5500,
  host: 5500,
  store: 1200,
  role: 2700,
  named: 350,
  list: 1500,
  start: 80,
} as const;
const MANY_RESOURCES = 42;

export type ShardContent = Pick<AwsTaskShard, 'tasks' | 'groups'>;

export interface ShardSize {
  readonly resources: number;
  readonly bytes: number;
  /** The part of a limit that is used, of the one that is nearest. */
  readonly part: number;
}

/** How large the stack of these tasks is about, at most. */
export function shardSize({ tasks, groups }: ShardContent): ShardSize {
  const { resources, bytes } = groups ? sizeOfMany(tasks, groups) : sizeOfFew(tasks);
  const targets = tasks.reduce((sum, { host }) => sum + (host ? targetSize(host.target) : 0), 0);
  const parts = [resources / STACK.resources, bytes / STACK.bytes, (POLICY.machine + targets) / POLICY.characters];
  return { resources, bytes, part: Math.max(...parts) };
}

function targetSize(target: NonNullable<AwsTask['host']>['target']): number {
  return target.kind === 'node' ? POLICY.node : POLICY.tag + target.value.length;
}

function sizeOfFew(tasks: readonly AwsTask[]) {
  const schedules = tasks.reduce((sum, task) => sum + task.schedules.length, 0);
  const stores = tasks.reduce((sum, task) => sum + task.stores.length, 0);
  const tested = tasks.filter(isTestRestored);
  const restored = tested.reduce((sum, task) => sum + task.stores.length, 0);
  const thawed = tasks.filter(({ thaws }) => thaws);
  const thawing = thawed.reduce((sum, task) => sum + task.stores.length, 0);
  return {
    resources: SHARED_RESOURCES + TASK_RESOURCES * tasks.length + schedules + 2 * tested.length + thawed.length,
    bytes:
      ALONE.shared +
      ALONE.task * tasks.length +
      ALONE.store * stores +
      ALONE.schedule * schedules +
      (tested.length > 0 ? ALONE.restores : 0) +
      ALONE.untested * tested.length +
      // An identity that thaws is as large as one that restores, and the states around it are in the rounding.
      ALONE.restorer * (tested.length + thawed.length) +
      ALONE.restored * (restored + thawing),
  };
}

function sizeOfMany(tasks: readonly AwsTask[], { roles, lists }: AwsTaskGroups) {
  const [folders, hosts] = [tasks.filter(({ local }) => local), tasks.filter(({ host }) => host)];
  const stores = hosts.reduce((sum, task) => sum + task.stores.length, 0);
  const named = roles.reduce((sum, { store: one, ledgers }) => sum + one.prefixes.length + ledgers.length, 0);
  const starts = lists.reduce((sum, list) => sum + list.starts.length, 0);
  const tested = tasks.filter(isTestRestored).length;
  return {
    resources:
      MANY_RESOURCES + 2 * tasks.length + tested + 2 * folders.length + hosts.length + roles.length + lists.length,
    bytes:
      MANY.shared +
      MANY.task * (2 * tasks.length + tested) +
      MANY.folder * folders.length +
      MANY.host * hosts.length +
      MANY.store * stores +
      MANY.role * roles.length +
      MANY.named * named +
      MANY.list * lists.length +
      MANY.start * starts,
  };
}

/** The tasks of a region in so many shards. */
export function inShards(tasks: readonly AwsTask[], count: number, isShared: boolean): readonly ShardContent[] {
  const shards = Array.from({ length: count }, (): AwsTask[] => []);
  for (const task of tasks) shards[shardOf(task.task, count) - 1]?.push(task);
  return shards.map((own) => ({ tasks: own, ...(isShared && { groups: groupsOf({ tasks: own, id: '' }) }) }));
}
