import type { AwsStack, Copy, DataSetHoldings, Holding, TaskManifest } from '../contract';
import { replicationsOf } from './replica';

/** Every place that holds a data set, from the plan's own nodes: what is listed is what is built. */
export function holdingsOf(
  tasks: readonly TaskManifest[],
  copies: readonly Copy[],
  aws: readonly AwsStack[],
): readonly DataSetHoldings[] {
  return tasks.map((task) => {
    const local: Holding[] = task.local
      ? [{ place: task.local.path, medium: 'host disk', region: '', by: 'task' }]
      : [];
    const direct = task.stores.map((store): Holding => ({
      place: placeOf(store.store),
      medium: store.cloud,
      region: store.region,
      by: 'task',
    }));
    const replicas = task.stores.flatMap((store) =>
      replicationsOf(task, store, aws).map((rule): Holding => ({
        place: rule.bucket,
        medium: 'aws',
        region: rule.region,
        by: 'replication',
      })),
    );
    const pulled = copies
      .filter((copy) => copy.dataSet === task.name)
      .map((copy): Holding => {
        const [medium = 'aws'] = copy.destination.split('.') as [Holding['medium']];
        return { place: placeOf(copy.destination), medium, region: copy.region, by: 'copy' };
      });
    return { dataSet: task.name, holdings: [...local, ...direct, ...replicas, ...pulled] };
  });
}

/** The name of a store as the spec says it, by its id: one bucket has one name here, whoever fills it. */
function placeOf(store: string): string {
  return store.replace(/^[a-z]+\.[a-z]+\./, '');
}
