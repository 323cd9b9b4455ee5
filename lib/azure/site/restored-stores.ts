import type { AzureStack } from '../../contract/azure-storage';
import type { TaskManifest } from '../../contract/task';
import { azureTaskStores } from '../../plan/azure-task-stores';
import type { RestoredStore } from './restore-access';

/** The containers of Azure that hold backups of these tasks, each once, with the data sets that are read there. */
export function restoredStores(
  tasks: readonly TaskManifest[],
  stacks: readonly AzureStack[],
): readonly RestoredStore[] {
  const stores = new Map<string, RestoredStore>();
  for (const task of tasks) {
    for (const { store } of azureTaskStores([...task.stores, ...task.copies], stacks)) {
      const known = stores.get(store.store);
      stores.set(store.store, {
        ...store,
        prefixes: [...new Set([...(known?.prefixes ?? []), ...store.prefixes])].sort(),
        dataSets: [...new Set([...(known?.dataSets ?? []), task.name])].sort(),
      });
    }
  }
  return [...stores.values()];
}
