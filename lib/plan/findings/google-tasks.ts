import { childPath } from '../../diagnostics';
import type { GoogleTaskShard } from '../../contract';
import type { PlanCheck } from './finding';

/** Members of all bindings in one policy, which nobody raises: https://cloud.google.com/iam/quotas */
const POLICY_MEMBERS = 1500;
/** Bindings of one task on a bucket: three identities with three rights each. */
const MEMBERS_OF_TASK = 9;
/** Of a project, until somebody asks for more: cloud.google.com/iam/quotas, cloud.google.com/run/quotas, cloud.google.com/scheduler/quotas */
const QUOTAS = { accounts: 100, jobs: 1000, schedules: 5000 } as const;
const OF_TASK = { accounts: 3, jobs: 3 } as const;
const OF_SHARD = { accounts: 3, jobs: 1 } as const;

/** Files of a container on Cloud Run lie in its memory. */
export const googleScratch: PlanCheck = ({ context, plan }) => {
  const running = plan.googleTasks.shards.flatMap(({ tasks }) => tasks.filter(({ reads }) => reads.length === 0));
  for (const { task: name, memory } of running) {
    const task = plan.tasks.find((one) => one.name === name);
    if (task?.options.format !== 'directory') continue;
    context.report({
      code: 'DR3062',
      path: `${childPath('backup.database', name)}.settings.format`,
      message: `"${name}" is dumped into a directory, and a container on Google has ${memory} of memory for files and programs`,
      fix: 'use the format custom, which is never written to a disk, or run the task on a host',
    });
  }
};

/** What a project has by default, and a policy at most. */
export const googleLimits: PlanCheck = ({ context, plan }) => {
  const { shards } = plan.googleTasks;
  const report = (what: string, count: number, limit: number, quota: string) => {
    if (count <= limit) return;
    context.report({
      code: 'DR3060',
      path: 'backup.database',
      message: `the tasks on Google need ${count} ${what}, and a project has ${limit} until it asks for more`,
      fix: `ask for a higher quota of ${quota} before the deployment`,
    });
  };
  report('service accounts', countOf(shards, 'accounts'), QUOTAS.accounts, 'IAM: service accounts per project');
  for (const region of new Set(shards.map((shard) => shard.region))) {
    const own = shards.filter((shard) => shard.region === region);
    report(`jobs in ${region}`, countOf(own, 'jobs'), QUOTAS.jobs, 'Cloud Run: jobs per project and region');
    const schedules = own.reduce((sum, { tasks }) => sum + tasks.flatMap((task) => task.schedules).length + 1, 0);
    report(`schedules in ${region}`, schedules, QUOTAS.schedules, 'Cloud Scheduler: jobs per project and region');
  }
  reportPolicies(shards, (bucket, members) =>
    context.report({
      code: 'DR3061',
      path: 'backup.database',
      message: `the tasks on Google need ${members} members in the policy of "${bucket}", which has at most ${POLICY_MEMBERS}`,
      fix: `spread them over more buckets: ${Math.floor(POLICY_MEMBERS / MEMBERS_OF_TASK)} data sets fit into one`,
    }),
  );
};

function countOf(shards: readonly GoogleTaskShard[], what: keyof typeof OF_TASK): number {
  return shards.reduce((sum, { tasks }) => sum + tasks.length * OF_TASK[what] + OF_SHARD[what], 0);
}

function reportPolicies(shards: readonly GoogleTaskShard[], report: (bucket: string, members: number) => void): void {
  const used = shards.flatMap(({ tasks }) => tasks.flatMap((task) => task.stores.map((store) => store.bucket)));
  for (const bucket of [...new Set(used)].sort()) {
    const members = used.filter((one) => one === bucket).length * MEMBERS_OF_TASK;
    if (members > POLICY_MEMBERS) report(bucket, members);
  }
}
