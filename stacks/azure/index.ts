import type { AzureStack } from '../../lib/azure';
import type { TerraformApp } from '../../lib/terraform';
import { AzureBackupStack } from './backup-stack';

export { AzureBackupStack } from './backup-stack';

/** Adds the plan's Azure stacks to the app. */
export function addAzureStacks(app: TerraformApp, stacks: readonly AzureStack[]): void {
  for (const stack of stacks) {
    new AzureBackupStack(app, stack);
  }
}
