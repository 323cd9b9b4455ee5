import type { AzureStack } from '../../lib/azure';
import type { RunnerFile } from '../../lib/azure/task-config';
import type { Backed } from '../../lib/azure/site';
import { restoredStores } from '../../lib/azure/site/restored-stores';
import type { ProtectionPlan } from '../../lib/contract/plan';
import type { Site } from '../../lib/contract/site';
import { azureTaskStores } from '../../lib/plan/azure-task-stores';
import type { TerraformApp } from '../../lib/terraform';
import { AzureBackupStack } from './backup-stack';
import { AzureCopyReaderStack } from './copy-reader-stack';
import { AzureSiteStack } from './site-stack';
import { AzureSharedTaskStack } from './shared-task-stack';
import { AzureTaskStack } from './task-stack';

export { AzureBackupStack } from './backup-stack';

/** Adds the plan's Azure stacks to the app. */
export function addAzureStacks(app: TerraformApp, stacks: readonly AzureStack[]): void {
  for (const stack of stacks) {
    new AzureBackupStack(app, stack);
  }
}

export interface AddAzureTaskStacksProps {
  readonly plan: Pick<ProtectionPlan, 'azureReaders' | 'azureTasks' | 'tasks'>;
  /** The runner as one file, which hosts get. */
  readonly runner: RunnerFile;
}

/** Adds the stacks of the plan's tasks on Azure, and of what copies read there. Ids of one are made of names in another: none reads another's state. */
export function addAzureTaskStacks(app: TerraformApp, { plan, runner }: AddAzureTaskStacksProps): void {
  const { shared, shards } = plan.azureTasks;
  for (const one of plan.azureReaders) new AzureCopyReaderStack(app, one);
  for (const one of shared) new AzureSharedTaskStack(app, one);
  for (const one of shards) new AzureTaskStack(app, { plan: one, manifests: plan.tasks, runner });
}

export interface AddAzureSitesProps {
  readonly plan: Pick<ProtectionPlan, 'sites' | 'tasks' | 'azure'>;
  /** The runner as one file, which machines get that restore or take backups. */
  readonly runner: RunnerFile;
}

/** Adds the plan's recovery sites on Azure. */
export function addAzureSites(app: TerraformApp, { plan, runner }: AddAzureSitesProps): void {
  for (const site of plan.sites.filter(({ cloud }) => cloud === 'azure')) {
    const names = site.synchronization.restores?.tasks ?? [];
    const tasks = plan.tasks.filter((task) => names.includes(task.name));
    const restored = { tasks, stores: restoredStores(tasks, plan.azure) };
    new AzureSiteStack(app, site, { restored, backed: backedBy(site, plan), runner });
  }
}

/** What a site backs up itself, with the containers of the task. */
function backedBy({ name, backups }: Site, plan: AddAzureSitesProps['plan']): Backed | undefined {
  if (!backups) return undefined;
  const task = plan.tasks.find((one) => one.name === backups.task);
  if (!task) throw new Error(`${name} backs up ${backups.task}, which no task does`);
  return { backups, task, stores: azureTaskStores(task.stores, plan.azure).map(({ store }) => store) };
}
