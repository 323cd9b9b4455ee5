import { Construct } from 'constructs';
import type { AzureTaskShard, AzureTaskStore } from '../contract/azure-tasks';
import { TaskJob } from './job';
import { proberRights } from './rights';
import { manifestUrl } from './task';
import type { ConfigFile } from './task-config';
import { TaskRole } from './task-role';
import type { TaskRoles } from './task-roles';

export interface ProberProps {
  readonly plan: AzureTaskShard;
  readonly name: string;
  readonly roles: TaskRoles;
  readonly manifests: readonly ConfigFile[];
}

/** Every quarter of an hour: the clock that it goes by matters to nobody. */
const CRON = '*/15 * * * *';
const LONGEST_SECONDS = 600;

/**
 * Asks the verifier's ledgers how old the newest verified backups are and writes it to the log, where alarms look. Runs
 * end with other codes than 0 while a task is late: the alarms go by what is written, not by that.
 */
export class Prober extends Construct {
  constructor(scope: Construct, id: string, { plan, name, roles, manifests }: ProberProps) {
    super(scope, id);
    const stores = once(plan.tasks.flatMap((task) => task.stores));
    const role = new TaskRole(this, 'identity', {
      plan,
      name,
      roles,
      role: 'prober',
      stores: stores.map((store) => ({ store, rights: proberRights(store) })),
      files: manifests.map((one) => one.name),
    });
    new TaskJob(this, 'job', {
      plan,
      name,
      role,
      args: [
        ...['age', '--metrics', 'log'],
        ...manifests.flatMap((one) => ['--task', manifestUrl(plan, one)]),
        // Copies in other clouds are looked at there: this identity is of Azure.
        ...stores.flatMap(({ store }) => ['--store', store]),
      ],
      cpu: 0.5,
      memoryGiB: 1,
      cron: CRON,
      longestSeconds: LONGEST_SECONDS,
      after: manifests.map((one) => one.blob),
    });
  }
}

/** A container once, with what all tasks keep in it. */
function once(stores: readonly AzureTaskStore[]): readonly AzureTaskStore[] {
  const prefixes = new Map<string, readonly string[]>();
  for (const one of stores) prefixes.set(one.store, [...(prefixes.get(one.store) ?? []), ...one.prefixes]);
  return [...new Map(stores.map((one) => [one.store, { ...one, prefixes: prefixes.get(one.store) ?? [] }])).values()];
}
