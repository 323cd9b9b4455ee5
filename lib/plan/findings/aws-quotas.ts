import type { AwsTaskShard } from '../../contract';
import { OWN_ROLES, isTestRestored, ownRolesOf } from '../aws-task-groups';
import type { PlanCheck, Resolved } from './finding';

/**
 * What an account of AWS has by default, and each can be raised; alarms are counted by region.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const ACCOUNT = { roles: 1000, policies: 1500, alarms: 5000 } as const;

/** Roles of a shard beside those of its tasks: of containers, state machines, schedules and the prober. */
const SHARD_ROLES = { few: 5, many: 6 } as const;
/** Alarms of a shard: starts that could not be delivered, executions that did not end as they should, and what is not pruned. */
const SHARD_ALARMS = 3;
/** That it is overdue, and that a chain expires; a third where it is restored for a test. */
const TASK_ALARMS = 2;

/** How many roles the stacks of tasks make. */
export function rolesOf({ tasks, groups }: Pick<AwsTaskShard, 'tasks' | 'groups'>): number {
  if (!groups) return SHARD_ROLES.few + ownRolesOf(tasks);
  const bases = new Set(groups.roles.map(({ work }) => work)).size;
  return SHARD_ROLES.many + bases + groups.roles.length + (groups.secrets.length > 0 ? 1 : 0);
}

/** How many alarms the stack of a shard makes. */
export function alarmsOf({ tasks }: Pick<AwsTaskShard, 'tasks'>): number {
  return TASK_ALARMS * tasks.length + tasks.filter(isTestRestored).length + SHARD_ALARMS;
}

/** Tasks that are too many to have identities of their own. */
export const sharedIdentities: PlanCheck = ({ context, plan }) => {
  const { shards } = plan.awsTasks;
  if (!shards.some(({ groups }) => groups)) return;
  const tasks = shards.flatMap((shard) => shard.tasks);
  const alone = sum(shards.map((shard) => rolesOf({ tasks: shard.tasks })));
  context.report({
    code: 'DR3074',
    path: mostSets(plan),
    message: `${tasks.length} tasks on AWS would have ${alone} roles with identities of their own, more than the ${OWN_ROLES} that an account with ${ACCOUNT.roles} has room for: tasks of a shard share ${sum(shards.map(rolesOf))} roles, which the runner narrows to the places of one task`,
    fix: 'nothing has to be done; for identities of their own, split the spec and its deployments over accounts (deployment.aws.account)',
  });
};

/** More than an account has unless somebody asks for it: the deployment would stop in the middle. */
export const accountQuotas: PlanCheck = ({ context, plan }) => {
  const { shards } = plan.awsTasks;
  const regions = [...new Set(shards.map(({ region }) => region))];
  const report = (path: string, message: string, quota: string) =>
    context.report({
      code: 'DR3075',
      path,
      message,
      fix: `ask AWS for more before the deployment (Service Quotas: ${quota}), or split the spec over accounts (deployment.aws.account)`,
    });
  const roles = sum(shards.map(rolesOf));
  if (roles > ACCOUNT.roles) {
    const path = shards.some(({ groups }) => groups) ? 'deployment.task_shards' : mostSets(plan);
    report(path, `the tasks on AWS make ${roles} roles, and an account has ${ACCOUNT.roles}`, 'Roles per account');
  }
  const policies = shards.flatMap(({ tasks }) => tasks).filter(({ host }) => host).length;
  if (policies > ACCOUNT.policies) {
    const message = `${policies} tasks run on hosts, each with a policy for the role of its host, and an account has ${ACCOUNT.policies} of these`;
    report('deployment.tasks', message, 'Customer managed policies per account');
  }
  for (const region of regions) {
    const alarms = sum(shards.filter((shard) => shard.region === region).map(alarmsOf));
    if (alarms <= ACCOUNT.alarms) continue;
    const message = `the tasks in ${region} have ${alarms} alarms, and an account has ${ACCOUNT.alarms} in a region`;
    report(mostSets(plan), message, 'Number of alarms');
  }
};

/** The block of the spec that most of the tasks come from. */
function mostSets({ tasks }: Resolved['plan']): string {
  const files = tasks.filter(({ engine }) => engine === 'files').length;
  return files * 2 > tasks.length ? 'backup.filesystem' : 'backup.database';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
