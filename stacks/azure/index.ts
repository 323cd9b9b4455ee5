import type { AzureStack } from '../../lib/azure';
import type { RunnerFile } from '../../lib/azure/task-config';
import type { ProtectionPlan } from '../../lib/contract/plan';
import type { TerraformApp } from '../../lib/terraform';
import { AzureBackupStack } from './backup-stack';
import { AzureCopyReaderStack } from './copy-reader-stack';
import { AzureSiteStack } from './site-stack';
import { AzureSharedTaskStack } from './shared-task-stack';
import { restoredStores } from '../../lib/azure/site/restored-stores';
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
  /** The runner as one file, which machines get that restore. */
  readonly runner: RunnerFile;
}

/** Adds the plan's recovery sites on Azure. */
export function addAzureSites(app: TerraformApp, { plan, runner }: AddAzureSitesProps): void {
  for (const site of plan.sites.filter(({ cloud }) => cloud === 'azure')) {
    const names = site.synchronization.restores?.tasks ?? [];
    const tasks = plan.tasks.filter((task) => names.includes(task.name));
    new AzureSiteStack(app, site, { tasks, stores: restoredStores(tasks, plan.azure), runner });
  }
}
