import { childPath } from '../../diagnostics';
import type { GoogleTask, GoogleTaskShard } from '../../contract';
import type { PlanCheck } from './finding';

/** Members of all bindings in one policy, which nobody raises: https://cloud.google.com/iam/quotas */
const POLICY_MEMBERS = 1500;
/** Bindings of one identity on a bucket: each has three rights. */
const MEMBERS_OF_IDENTITY = 3;
/** Of a project, until somebody asks for more: cloud.google.com/iam/quotas, cloud.google.com/run/quotas, cloud.google.com/scheduler/quotas */
const QUOTAS = { accounts: 100, jobs: 1000, schedules: 5000 } as const;
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
  reportPolicies(shards, (bucket, { members, fit }) =>
    context.report({
      code: 'DR3061',
      path: 'backup.database',
      message: `the tasks on Google need ${members} members in the policy of "${bucket}", which has at most ${POLICY_MEMBERS}`,
      fix: `spread them over more buckets: ${fit} data sets fit into one`,
    }),
  );
};

/** Writer or copier, verifier and pruner, and who restores for a test; each is an account with a job. */
function identitiesOf({ testRestore }: GoogleTask): number {
  return testRestore ? 4 : 3;
}

function countOf(shards: readonly GoogleTaskShard[], what: keyof typeof OF_SHARD): number {
  const identities = shards.flatMap(({ tasks }) => tasks.map(identitiesOf));
  return identities.reduce((sum, one) => sum + one, OF_SHARD[what] * shards.length);
}

interface PolicySize {
  readonly members: number;
  /** Data sets of that size that a policy has room for. */
  readonly fit: number;
}

function reportPolicies(shards: readonly GoogleTaskShard[], report: (bucket: string, size: PolicySize) => void): void {
  const used = shards.flatMap(({ tasks }) =>
    tasks.flatMap((task) =>
      task.stores.map(({ bucket }) => ({ bucket, members: MEMBERS_OF_IDENTITY * identitiesOf(task) })),
    ),
  );
  for (const bucket of [...new Set(used.map((one) => one.bucket))].sort()) {
    const own = used.filter((one) => one.bucket === bucket).map((one) => one.members);
    const members = own.reduce((sum, one) => sum + one, 0);
    if (members > POLICY_MEMBERS) report(bucket, { members, fit: Math.floor(POLICY_MEMBERS / Math.max(...own)) });
  }
}
