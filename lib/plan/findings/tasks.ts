import { childPath } from '../../diagnostics';
import type { AwsTask } from '../../contract';
import { shardHash } from '../aws-tasks';
import type { PlanCheck } from './finding';

/**
 * Resources that a stack may have, and the part of each limit that is used.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const STACK_RESOURCES = 500;
const USED = 0.8;
/** What a task adds to its stack at most: roles, container, folder, alarm; and one for each schedule. */
const TASK_RESOURCES = 6;
/** What a stack of tasks has without any: roles, state machine, logs, queue, prober, group, the document of hosts. */
const SHARED_RESOURCES = 24;
/** What a template may have, and what its parts take, rounded up; `test/suites/long/many-tasks.test.ts` measures them. */
const STACK_BYTES = 1_000_000;
const SHARED_BYTES = 60_000;
const TASK_BYTES = 12_000;
const STORE_BYTES = 4500;
const SCHEDULE_BYTES = 3000;

/**
 * Tasks that no stack of this version starts: those on hosts, and those of clouds that get no task stack yet. Their
 * manifests are written, and they run by hand or by the host's own scheduler.
 */
export const undeployedTasks: PlanCheck = ({ context, plan }) => {
  const shards = [...plan.awsTasks.shards, ...plan.azureTasks.shards, ...plan.googleTasks.shards];
  const deployed = new Set(shards.flatMap((shard) => shard.tasks.map((task) => task.task)));
  for (const task of plan.tasks) {
    if (deployed.has(task.name)) continue;
    const where = task.host === 'container' ? `a container on ${task.cloud}` : task.host;
    context.report({
      code: 'DR3057',
      path: task.from.find((one) => one.startsWith('backup.') && one !== 'backup.general.enabled') ?? 'backup',
      message: `"${task.name}" runs on ${where}, and no stack starts it yet: its manifest is tasks/${task.name}.json`,
      fix: 'let a scheduler of the host run hypdr-runner backup and hypdr-runner verify at the times of hypdr schedule',
    });
  }
};

/** Copies out of Google: the pool that lets another cloud's job in is not made by these stacks. */
export const unnamedProvider: PlanCheck = ({ context, plan }) => {
  const copies = plan.copies.filter(({ source }) => source.startsWith('google.'));
  const [first] = copies;
  if (!first) return;
  const sets = [...new Set(copies.map(({ dataSet }) => `"${dataSet}"`))].join(', ');
  context.report({
    code: 'DR3059',
    path: first.from[0] ?? 'backup.cloud',
    message: `copies of ${sets} are read out of ${first.source} by jobs of other clouds, and no stack makes the provider that lets them in`,
    fix: 'make a workload identity pool with a provider for the other cloud, let its principal read the bucket, and name it in google_copier_provider',
  });
};

/** Files of a host are not in a container: what it would find are those of its image. */
export const filesInContainer: PlanCheck = ({ context, plan }) => {
  for (const task of plan.tasks) {
    if (task.engine !== 'files' || task.host !== 'container') continue;
    context.report({
      code: 'DR3063',
      path: `${childPath('deployment.tasks', task.name)}.host`,
      message: `"${task.name}" is a set of files and runs in a container, which sees none of a host: its runs will find nothing and fail`,
      fix: 'name the hosts that have them: hosts:tag=value',
    });
  }
};

/** Copies into Azure read AWS by the tokens of a tenant that AWS is told to trust. */
export const untrustedCopies: PlanCheck = ({ context, plan }) => {
  if (context.deployment.azure?.tenant !== undefined) return;
  const shards = plan.azureTasks.shards;
  const sets = shards.flatMap(({ tasks }) =>
    tasks.filter(({ reads }) => reads.includes('aws')).map(({ task }) => task),
  );
  if (sets.length === 0) return;
  context.report({
    code: 'DR3067',
    path: 'backup.cloud.azure_blob',
    message: `copies of ${sets.map((name) => `"${name}"`).join(', ')} into Azure may not read AWS: no tenant is named whose tokens it trusts`,
    fix: 'set deployment.azure.tenant to the id of the tenant: az account show --query tenantId',
  });
};

/** Copies out of Azure come from outside of its networks, and its accounts let in only whom they know. */
export const barredCopies: PlanCheck = ({ context, plan }) => {
  if ((context.deployment.network?.azure?.allowed_ranges ?? []).length > 0) return;
  const barred = plan.copies.filter(({ source }) => source.startsWith('azure.'));
  const [first] = barred;
  if (!first) return;
  const sets = [...new Set(barred.map(({ dataSet }) => `"${dataSet}"`))].join(', ');
  context.report({
    code: 'DR3069',
    path: first.from[0] ?? 'backup.cloud',
    message: `copies of ${sets} are read out of ${first.source}, whose account lets in no address from outside`,
    fix: 'set deployment.network.azure.allowed_ranges to the addresses from which the copy jobs come',
  });
};

/** A shard over 80 % of what a stack may hold, with the number of shards that is enough. */
export const shardLimit: PlanCheck = ({ context, plan }) => {
  const { shards: all } = plan.awsTasks;
  const enough = new Map<string, number>();
  for (const { region, shards, tasks, shard } of all) {
    const { resources, bytes, part } = sizeOf(tasks);
    if (part <= USED) continue;
    const neighbours = () => all.filter((one) => one.region === region).flatMap((one) => one.tasks);
    const count = enough.get(region) ?? enoughShards(neighbours(), shards);
    enough.set(region, count);
    context.report({
      code: 'DR3058',
      path: 'deployment.task_shards',
      message: `shard ${shard} of ${shards} in ${region} has ${tasks.length} tasks, about ${resources} resources of the ${STACK_RESOURCES} that a stack may have, in a template of about ${Math.round(bytes / 1000)} kB, which may have ${STACK_BYTES / 1000}`,
      fix: `set deployment.task_shards to ${count}`,
    });
  }
};

function sizeOf(tasks: readonly AwsTask[]) {
  const schedules = tasks.reduce((sum, task) => sum + task.schedules.length, 0);
  const stores = tasks.reduce((sum, task) => sum + task.stores.length, 0);
  const resources = SHARED_RESOURCES + TASK_RESOURCES * tasks.length + schedules;
  const bytes = SHARED_BYTES + TASK_BYTES * tasks.length + STORE_BYTES * stores + SCHEDULE_BYTES * schedules;
  return { resources, bytes, part: Math.max(resources / STACK_RESOURCES, bytes / STACK_BYTES) };
}

/** The next number with which the hashes of the names leave no shard over the limit. */
function enoughShards(tasks: readonly AwsTask[], shards: number): number {
  const hashed = tasks.map((task) => ({ task, hash: shardHash(task.task) }));
  for (let count = shards + 1; count < 10 * tasks.length; count += 1) {
    const groups = Array.from({ length: count }, (): AwsTask[] => []);
    for (const { task, hash } of hashed) groups[hash % count]?.push(task);
    if (groups.every((group) => sizeOf(group).part <= USED)) return count;
  }
  return tasks.length;
}
