import type { AwsStack, Copy, DataSetHoldings, Holding, TaskManifest } from '../contract';

/** Every place that holds a data set, from the plan's own nodes: what is listed is what is built. */
export function holdingsOf(
  tasks: readonly TaskManifest[],
  copies: readonly Copy[],
  aws: readonly AwsStack[],
): readonly DataSetHoldings[] {
  const buckets = aws.flatMap((stack) => stack.buckets.map((bucket) => ({ bucket, region: stack.region })));
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
      (buckets.find(({ bucket }) => bucket.id === store.store)?.bucket.replication?.rules ?? [])
        .filter((rule) => covers(rule.prefix, store.path))
        .map((rule): Holding => ({ place: rule.bucket, medium: 'aws', region: rule.region, by: 'replication' })),
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

function covers(prefix: string, path: string): boolean {
  return prefix === '' || path.replace(/\{year\}/g, '2').startsWith(prefix);
}
