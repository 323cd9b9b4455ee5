import type { AzureStack, AzureTaskStore, TaskStore } from '../contract';
import { rulePrefix } from './object-path';

/** A container of a task with the location of its account. */
export interface PlacedAzureStore {
  readonly store: AzureTaskStore;
  readonly location: string;
  /** Stack that makes it. */
  readonly stack: string;
}

/** The containers of Azure among the stores that a task or a copy job writes to, one entry a container with all of its prefixes there. */
export function azureTaskStores(
  written: readonly TaskStore[],
  stacks: readonly AzureStack[],
): readonly PlacedAzureStore[] {
  const stores = new Map<string, PlacedAzureStore>();
  for (const { store, cloud, path } of written) {
    if (cloud !== 'azure') continue;
    const stack = stacks.find((one) => one.accounts.some((account) => hasContainer(account, store)));
    const account = stack?.accounts.find((one) => hasContainer(one, store));
    const container = account?.containers.find((one) => one.id === store);
    if (!stack || !account || !container) throw new Error(`a task writes to ${store}, which no stack makes`);
    const prefixes = [...(stores.get(store)?.store.prefixes ?? []), rulePrefix(path)];
    stores.set(store, {
      location: stack.location,
      stack: stack.name,
      store: {
        store,
        account: account.name,
        resourceGroup: stack.resourceGroup,
        container: container.name,
        prefixes: [...new Set(prefixes)].sort(),
      },
    });
  }
  return [...stores.values()];
}

function hasContainer({ containers }: AzureStack['accounts'][number], store: string): boolean {
  return containers.some((container) => container.id === store);
}
