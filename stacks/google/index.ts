import type { GoogleStack } from '../../lib/google';
import type { TerraformApp } from '../../lib/terraform';
import { GoogleBackupStack } from './backup-stack';

export { GoogleBackupStack } from './backup-stack';

/** Adds the plan's Google stacks to the app. */
export function addGoogleStacks(app: TerraformApp, stacks: readonly GoogleStack[]): void {
  for (const stack of stacks) {
    new GoogleBackupStack(app, stack);
  }
}
