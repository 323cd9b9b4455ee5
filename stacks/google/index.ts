import type { ProtectionPlan } from '../../lib/contract/plan';
import type { GoogleStack } from '../../lib/google';
import type { RunnerFile } from '../../lib/google/site';
import type { TerraformApp } from '../../lib/terraform';
import { GoogleBackupStack } from './backup-stack';
import { GoogleCopyReaderStack } from './copy-reader-stack';
import { GoogleSiteStack } from './site-stack';
import { GoogleSharedTaskStack } from './shared-task-stack';
import { GoogleTaskStack } from './task-stack';

export { GoogleBackupStack } from './backup-stack';
export { GoogleCopyReaderStack } from './copy-reader-stack';
export { GoogleSharedTaskStack } from './shared-task-stack';
export { GoogleSiteStack } from './site-stack';
export { GoogleTaskStack } from './task-stack';

/** Adds the plan's Google stacks of backups to the app. */
export function addGoogleStacks(app: TerraformApp, stacks: readonly GoogleStack[]): void {
  for (const stack of stacks) {
    new GoogleBackupStack(app, stack);
  }
}

/** Adds the plan's Google stacks of tasks to the app, and of what copies read there. */
export function addGoogleTaskStacks(
  app: TerraformApp,
  plan: Pick<ProtectionPlan, 'googleReaders' | 'googleTasks' | 'tasks'>,
): void {
  for (const readers of plan.googleReaders) new GoogleCopyReaderStack(app, readers);
  for (const shared of plan.googleTasks.shared) new GoogleSharedTaskStack(app, shared);
  for (const shard of plan.googleTasks.shards) new GoogleTaskStack(app, { plan: shard, manifests: plan.tasks });
}

export interface AddGoogleSitesProps {
  readonly plan: Pick<ProtectionPlan, 'sites' | 'tasks'>;
  /** The runner as one file, which machines get that restore or take backups. */
  readonly runner: RunnerFile;
}

/** Adds the plan's recovery sites on Google. */
export function addGoogleSites(app: TerraformApp, { plan, runner }: AddGoogleSitesProps): void {
  for (const site of plan.sites.filter(({ cloud }) => cloud === 'google')) {
    const { backups, synchronization } = site;
    const names = [...(synchronization.restores?.tasks ?? []), ...(backups ? [backups.task] : [])];
    const tasks = plan.tasks.filter(({ name }) => names.includes(name));
    new GoogleSiteStack(app, site, { tasks, runner });
  }
}
