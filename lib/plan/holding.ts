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
      place: store.account === undefined ? store.bucket : `${store.account}/${store.bucket}`,
      medium: store.cloud,
      region: store.region,
      by: 'task',
    }));
    const replicas = task.stores.flatMap((store) =>
      replicationsOf(store, aws).map((rule): Holding => ({
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
        return { place: copy.destination.replace(/^[a-z]+\.[a-z]+\./, ''), medium, region: copy.region, by: 'copy' };
      });
    return { dataSet: task.name, holdings: [...local, ...direct, ...replicas, ...pulled] };
  });
}
