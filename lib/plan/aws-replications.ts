import type { AwsSharedTasks, AwsStack } from '../contract';

/**
 * Buckets whose replication is watched where tasks run: S3 counts failures in the region of the source, and in its
 * account. What only replication fills is replicated no further.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
 */
export function replicationsIn(region: string, stores: readonly AwsStack[]): AwsSharedTasks['replications'] {
  return stores
    .filter((stack) => stack.region === region && stack.kind === 'backup-store')
    .flatMap(({ buckets, account }) =>
      buckets.flatMap(({ name, naming, replication }) => {
        if (!replication) return [];
        const own = account === undefined ? {} : { account };
        const rules = replication.rules.map((rule) => ({
          name: rule.name,
          destination: {
            ...{ name: rule.bucket, naming: rule.naming, region: rule.region },
            ...(rule.account === undefined ? own : { account: rule.account }),
          },
        }));
        return [{ source: { name, naming, region, ...own }, rules }];
      }),
    );
}
