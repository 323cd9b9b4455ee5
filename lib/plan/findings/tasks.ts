import { childPath } from '../../diagnostics';
import type { AwsTask, TaskManifest } from '../../contract';
import { scheduleText } from '../../units';
import type { PlanCheck } from './finding';
import { STACK, inShards, shardSize } from './shard-size';

/** The part of a stack's limits that is used, so that a shard does not refuse its next task. */
const USED = 0.8;

/**
 * Tasks that no stack of this version starts: those on hosts, and those of clouds that get no task stack yet. Their
 * manifests are written, and they run by hand or by the host's own scheduler.
 */
export const undeployedTasks: PlanCheck = ({ context, plan }) => {
  const shards = [...plan.awsTasks.shards, ...plan.azureTasks.shards, ...plan.googleTasks.shards];
  // A job that copies a data set does not take its backups.
  const taking = shards.flatMap(({ tasks }) => tasks.filter(({ reads }) => reads.length === 0));
  const deployed = new Set(taking.map(({ task }) => task));
  for (const task of plan.tasks) {
    if (deployed.has(task.name)) continue;
    const where = task.host === 'container' ? `a container on ${task.cloud}` : task.host;
    context.report({
      code: 'DR3057',
      path: task.from.find((one) => one.startsWith('backup.') && one !== 'backup.general.enabled') ?? 'backup',
      message: `"${task.name}" runs on ${where}, and no stack starts it yet: its manifest is tasks/${task.name}.json`,
      fix: `let a scheduler of the host run hypdr-runner backup and hypdr-runner verify at the times of hypdr schedule${testRestoreByHand(task)}`,
    });
  }
};

/** A test restore that was asked for is not in the schedule of a task that no stack starts. */
function testRestoreByHand({ validation }: TaskManifest): string {
  const { testRestore } = validation;
  if (!testRestore || testRestore.byHand) return '';
  return `, and hypdr-runner test-restore where whoever runs it may read the store (${scheduleText(testRestore.schedule)})`;
}

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

/** Clouds whose containers have no disk that outlives them; AWS has a file system for such a folder. */
const WITHOUT_FOLDER = new Map([
  ['azure', 'Azure'],
  ['google', 'Google'],
]);

/** The folder of a task in a container that keeps none is left out. */
export const containerFolders: PlanCheck = ({ context, dataSets, plan }) => {
  for (const { name, path, storage } of dataSets) {
    const task = plan.tasks.find((one) => one.name === name);
    const cloud = WITHOUT_FOLDER.get(task?.cloud ?? '');
    if (!storage.local || cloud === undefined || task?.host !== 'container') continue;
    context.report({
      code: 'DR3064',
      path: `${path}.storage.local.path`,
      message: `"${name}" runs in a container on ${cloud}, which keeps no folder: ${storage.local.path} is left out`,
      fix: `run it on a host (${childPath('deployment.tasks', name)}.host), or remove storage.local`,
    });
  }
};

/**
 * Buckets of other regions: an isolated network on AWS leads to S3 by a gateway, and a gateway to its own region only.
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
 */
export const farBuckets: PlanCheck = ({ context, plan }) => {
  const isolated = new Set(
    plan.awsTasks.shared.flatMap(({ network, region }) => (network.kind === 'isolated' ? [region] : [])),
  );
  for (const { region, tasks } of plan.awsTasks.shards.filter((shard) => isolated.has(shard.region))) {
    for (const { task, stores } of tasks) {
      const far = stores.filter((store) => store.region !== region);
      const [first] = far;
      if (!first) continue;
      const manifest = plan.tasks.find(({ name }) => name === task);
      const node = [...(manifest?.stores ?? []), ...(manifest?.copies ?? [])].find(
        ({ store }) => store === first.store,
      );
      const names = far.map((store) => `${store.bucket} (${store.region})`).join(', ');
      context.report({
        code: 'DR3071',
        path: node?.from[0] ?? 'backup',
        message: `containers of "${task}" run in an isolated network in ${region}, which does not lead to ${names}`,
        fix: 'name a network with a way out (deployment.network.aws), or keep the buckets of a data set in one region',
      });
    }
  }
};

/** A shard over 80 % of what a stack may hold, with the number of shards that is enough. */
export const shardLimit: PlanCheck = ({ context, plan }) => {
  const { shards: all } = plan.awsTasks;
  const enough = new Map<string, number>();
  for (const one of all) {
    const { region, shards, tasks, shard, groups } = one;
    const { resources, bytes, part } = shardSize(one);
    if (part <= USED) continue;
    const neighbours = () => all.filter((other) => other.region === region).flatMap((other) => other.tasks);
    const count = enough.get(region) ?? enoughShards(neighbours(), shards, groups !== undefined);
    enough.set(region, count);
    context.report({
      code: 'DR3058',
      path: 'deployment.task_shards',
      message: `shard ${shard} of ${shards} in ${region} has ${tasks.length} tasks, about ${resources} resources of the ${STACK.resources} that a stack may have, in a template of about ${Math.round(bytes / 1000)} kB, which may have ${STACK.bytes / 1000}`,
      fix: `set deployment.task_shards to ${count}`,
    });
  }
};

/** The next number with which the hashes of the names leave no shard over the limit. */
function enoughShards(tasks: readonly AwsTask[], shards: number, isShared: boolean): number {
  for (let count = shards + 1; count < 10 * tasks.length; count += 1) {
    if (inShards(tasks, count, isShared).every((shard) => shardSize(shard).part <= USED)) return count;
  }
  return tasks.length;
}
