import type { AzureReadStore, AzureReader, AzureReaderStack, AzureStack, TaskManifest } from '../contract';
import { fitName } from '../units';
import { azureTaskStores } from './azure-task-stores';
import type { PlacedAzureStore } from './azure-task-stores';
import { terraformBackend } from './backend';
import type { PlanContext } from './context';

/** Identities under which copy jobs of other clouds read the containers that they pull from, one for each cloud. */
export function resolveAzureReaders(
  context: PlanContext,
  tasks: readonly TaskManifest[],
  stacks: readonly AzureStack[],
): readonly AzureReaderStack[] {
  const found = (['aws', 'google'] as const).map((cloud) => readerOf(context, cloud, tasks, stacks));
  const readers = found.flatMap((one) => one?.reader ?? []);
  const location = found.flatMap((one) => one?.locations ?? []).sort()[0];
  if (location === undefined) return [];
  const { prefix, deployment } = context;
  const name = `${prefix}-azure-copy-readers`;
  const subscription = deployment.azure?.subscription;
  return [
    {
      id: 'azure.readers',
      from: ['deployment.azure.subscription', 'deployment.environment', 'deployment.name', 'deployment.state'],
      name,
      location,
      ...(subscription !== undefined && { subscription }),
      resourceGroup: fitName(`rg-${prefix}-copy-readers`, 90),
      role: `${prefix} copy reader`,
      backend: terraformBackend(context, name),
      readers,
    },
  ];
}

function readerOf(
  { prefix }: PlanContext,
  cloud: AzureReader['cloud'],
  tasks: readonly TaskManifest[],
  stacks: readonly AzureStack[],
): { readonly reader: AzureReader; readonly locations: readonly string[] } | undefined {
  const copied = tasks.flatMap((task) => sourcesOf(task, cloud, stacks).map((placed) => ({ task, placed })));
  if (copied.length === 0) return undefined;
  const stores = new Map<string, AzureReadStore>();
  for (const { task, placed } of copied) {
    const { prefixes = [], dataSets = [] } = stores.get(placed.store.store) ?? {};
    stores.set(placed.store.store, {
      ...placed.store,
      prefixes: [...new Set([...prefixes, ...placed.store.prefixes])].sort(),
      dataSets: [...dataSets, task.name].sort(),
    });
  }
  const copies = tasks.flatMap((task) => task.copies.filter((copy) => copy.cloud === cloud));
  return {
    locations: copied.map(({ placed }) => placed.location),
    reader: {
      id: `azure.reader.${cloud}`,
      from: [...new Set(copies.flatMap(({ from }) => from))].sort(),
      cloud,
      identity: fitName(`id-${prefix}-copies-to-${cloud}`, 128),
      stores: [...stores.values()].sort((a, b) => (a.store < b.store ? -1 : 1)),
    },
  };
}

/** What a data set's copies into a cloud are read from. */
function sourcesOf(
  task: TaskManifest,
  cloud: AzureReader['cloud'],
  stacks: readonly AzureStack[],
): readonly PlacedAzureStore[] {
  const sources = new Set(task.copies.filter((copy) => copy.cloud === cloud).map(({ source }) => source));
  return azureTaskStores(task.stores, stacks).filter(({ store }) => sources.has(store.store));
}
