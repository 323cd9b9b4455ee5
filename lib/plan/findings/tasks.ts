import { childPath } from '../../diagnostics';
import type { PlanCheck } from './finding';

/** Resources that a stack may have, and the part of it that is used: CloudFormation counts 500. */
const STACK_RESOURCES = 500;
const USED = 0.8;
/** What a task adds to its stack at most: roles, container, folder, alarm; and one for each schedule. */
const TASK_RESOURCES = 6;
/** What a stack of tasks has without any: roles, state machine, logs, queue, prober, group. */
const SHARED_RESOURCES = 20;

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

/** A shard over 80 % of what a stack may hold, with the number of shards that is enough. */
export const shardLimit: PlanCheck = ({ context, plan }) => {
  for (const { region, shards, tasks, shard } of plan.awsTasks.shards) {
    const resources = tasks.reduce((sum, task) => sum + TASK_RESOURCES + task.schedules.length, SHARED_RESOURCES);
    if (resources <= STACK_RESOURCES * USED) continue;
    const enough = Math.ceil((shards * resources) / (STACK_RESOURCES * USED)) + 1;
    context.report({
      code: 'DR3058',
      path: 'deployment.task_shards',
      message: `shard ${shard} of ${shards} in ${region} has ${tasks.length} tasks, about ${resources} resources of the ${STACK_RESOURCES} that a stack may have`,
      fix: `set deployment.task_shards to ${enough}`,
    });
  }
};
