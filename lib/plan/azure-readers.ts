import type { AzureReader, AzureReaderStack, AzureStack, TaskManifest } from '../contract';
import { fitName } from '../units';
import { azureTaskStores } from './azure-task-stores';
import { terraformBackend } from './backend';
import type { PlanContext } from './context';
import { copyPaths, storesCopiedInto } from './copied';

/** Identities under which copy jobs of other clouds read the containers that they pull from, one for each cloud. */
export function resolveAzureReaders(
  context: PlanContext,
  tasks: readonly TaskManifest[],
  stacks: readonly AzureStack[],
): readonly AzureReaderStack[] {
  const { prefix, deployment } = context;
  const readers = (['aws', 'google'] as const).flatMap((cloud): AzureReader[] => {
    const stores = storesCopiedInto(cloud, tasks, (task) =>
      azureTaskStores(task.stores, stacks).map(({ store }) => store),
    );
    if (stores.length === 0) return [];
    return [
      {
        id: `azure.reader.${cloud}`,
        from: copyPaths(cloud, tasks),
        cloud,
        identity: fitName(`id-${prefix}-copies-to-${cloud}`, 128),
        stores,
      },
    ];
  });
  const read = new Set(readers.flatMap(({ stores }) => stores.map(({ store }) => store)));
  const location = stacks
    .filter(({ accounts }) => accounts.some(({ containers }) => containers.some(({ id }) => read.has(id))))
    .map((stack) => stack.location)
    .sort()[0];
  if (location === undefined) return [];
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
