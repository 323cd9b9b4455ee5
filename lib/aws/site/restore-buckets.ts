import type { Construct } from 'constructs';
import type { AwsTask } from '../../contract/aws-tasks';
import { renderReader } from '../rights';
import { taskBucket } from '../task-bucket';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What a restore of some data sets reads: each bucket once, however many of them lie in it. */
export function readingBackups(scope: Construct, tasks: readonly AwsTask[]): PolicyStatement[] {
  const stores = tasks.flatMap(({ task, stores: own }) => own.map((store) => ({ task, store })));
  return [...new Set(stores.map(({ store }) => store.store))].sort().flatMap((id) => {
    const here = stores.filter(({ store }) => store.store === id);
    const [first] = here;
    if (!first) return [];
    return renderReader({
      ...taskBucket(scope, first.store, []),
      prefixes: [...new Set(here.flatMap(({ store }) => store.prefixes))].sort(),
      dataSets: [...new Set(here.map(({ task }) => task))].sort(),
    });
  });
}
