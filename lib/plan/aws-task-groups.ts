import type { AwsSharedRole, AwsTask, AwsTaskGroups, AwsTaskStore } from '../contract';
import { distinctKebab, fitName } from '../units';
import { startLists } from './aws-start-lists';
import { cover } from './cover';

/**
 * Roles that the tasks of an account may have of their own. An account has 1,000 by default, and shards, stores and what
 * else is in it need some: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const OWN_ROLES = 920;

/** Identities of a task: to write, verify and prune, and to restore for a test, to thaw before; a host writes as its own role. */
export function ownRolesOf(tasks: readonly AwsTask[]): number {
  return tasks.reduce(
    (sum, task) => sum + (task.host ? 2 : 3) + (isTestRestored(task) ? 1 : 0) + (task.thaws ? 1 : 0),
    0,
  );
}

/** Whether a task has test restores, and an identity for them. */
export function isTestRestored({ schedules }: Pick<AwsTask, 'schedules'>): boolean {
  return schedules.some(({ command }) => command === 'test-restore');
}

/** Whether the tasks of an account are so many that they share roles, containers and schedules. */
export function areMany(tasks: readonly AwsTask[]): boolean {
  return ownRolesOf(tasks) > OWN_ROLES;
}

export interface GroupsOptions {
  readonly tasks: readonly AwsTask[];
  /** Beginning of the ids of the shard's nodes. */
  readonly id: string;
}

/** What the tasks of a shard share. */
export function groupsOf({ tasks, id }: GroupsOptions): AwsTaskGroups {
  return {
    roles: sharedRoles(tasks, id),
    secrets: cover(tasks.flatMap(({ secret, host }) => (secret !== undefined && !host ? [secret] : []))),
    lists: startLists(tasks, (name) => `${id}.${name}`),
  };
}

/**
 * The family of a container that tasks of a shard share: what differs between them is said when it starts. A folder is
 * part of a definition, and so is what a copy job is told; the lock decides which role writes.
 */
export function sharedFamily(shardName: string, task: AwsTask): string {
  const own = task.local ? `folder-${distinctKebab(task.task)}` : undefined;
  return fitName(`${shardName}-${own ?? `${task.reads.length > 0 ? 'copies' : 'tasks'}-${lockOf(task)}`}`, 200);
}

/** Days for which a task's objects are locked, the same in each of its stores. */
function lockOf({ stores }: Pick<AwsTask, 'stores'>): number {
  return Math.max(0, ...stores.map((store) => store.longestLockDays));
}

interface Member {
  readonly work: AwsSharedRole['work'];
  readonly task: string;
  readonly store: AwsTaskStore;
}

function sharedRoles(tasks: readonly AwsTask[], id: string): readonly AwsSharedRole[] {
  const members = new Map<string, Member[]>();
  for (const task of tasks) {
    for (const store of task.stores) {
      for (const work of worksOf(task)) {
        const key = sharedRoleKey(work, store);
        members.set(key, [...(members.get(key) ?? []), { work, task: task.task, store }]);
      }
    }
  }
  return [...members.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => roleOf(`${id}.${key}`, own));
}

function worksOf(task: AwsTask): readonly AwsSharedRole['work'][] {
  const writing = task.reads.length > 0 ? 'copier' : 'writer';
  return [
    ...(task.host ? [] : ([writing] as const)),
    'verifier',
    'pruner',
    ...(isTestRestored(task) ? (['restorer'] as const) : []),
  ];
}

/** Who writes is held to a lock; who verifies and prunes is not. */
function sharedRoleKey(work: AwsSharedRole['work'], { store, longestLockDays }: AwsTaskStore): string {
  const lock = work === 'writer' || work === 'copier' ? `.${longestLockDays}` : '';
  return `${work}${lock}.${store}`;
}

function roleOf(id: string, members: readonly Member[]): AwsSharedRole {
  const [first] = members;
  if (!first) throw new Error(`role ${id} has no task`);
  const locks = members.map(({ store }) => store.longestLockDays);
  return {
    id,
    from: [],
    work: first.work,
    store: {
      ...first.store,
      prefixes: cover(members.flatMap(({ store }) => store.prefixes)),
      longestLockDays: Math.max(...locks),
    },
    ledgers: cover(members.map(({ task }) => `_verified/${task}/`)),
  };
}
