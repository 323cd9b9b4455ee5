import type { App, Stack } from 'aws-cdk-lib';
import { isWatched } from '../../lib/aws/site';
import type { AwsStack } from '../../lib/contract/aws-storage';
import type { ProtectionPlan } from '../../lib/contract/plan';
import { CopyReaderStack } from './copy-reader-stack';
import { SiteSignalStack } from './site-signal-stack';
import { SiteStack } from './site-stack';
import { SharedTaskStack } from './shared-task-stack';
import { StoreStack } from './store-stack';
import { TaskStack } from './task-stack';
import type { Uploads } from './task-stack';

export type { Uploads } from './task-stack';

/** Makes the stacks of the stores; `after` is order only, since no value passes from one stack to another. */
export function addAwsStacks(app: App, plans: readonly AwsStack[]): readonly StoreStack[] {
  const stacks = new Map(plans.map((plan) => [plan.name, new StoreStack(app, { plan })]));
  order(plans, stacks);
  return [...stacks.values()];
}

export interface AddTaskStacksProps {
  readonly plan: Pick<ProtectionPlan, 'awsReaders' | 'awsTasks' | 'tasks'>;
  readonly uploads: Uploads;
  /** The stacks of the stores, which are deployed first. */
  readonly stores: readonly StoreStack[];
}

/** Makes the stacks of the tasks, and of what copies read. What only the service can name comes from the shared stack by its exports. */
export function addAwsTaskStacks(app: App, { plan, uploads, stores }: AddTaskStacksProps): readonly Stack[] {
  const { shared, shards } = plan.awsTasks;
  const readers = plan.awsReaders;
  const made = new Map<string, Stack>([
    ...shared.map((one) => [one.name, new SharedTaskStack(app, { plan: one })] as const),
    ...shards.map((one) => [one.name, new TaskStack(app, { plan: one, manifests: plan.tasks, uploads })] as const),
    ...readers.map((one) => [one.name, new CopyReaderStack(app, one)] as const),
  ]);
  order([...shards, ...readers], new Map([...stores.map((one) => [one.stackName, one] as const), ...made]));
  return [...made.values()];
}

/** Makes the stacks of recovery sites on AWS, and of what watches their primaries; none of them needs another stack. */
export function addAwsSites(
  app: App,
  { plan, uploads }: { readonly plan: ProtectionPlan; readonly uploads: Pick<Uploads, 'runner'> },
): readonly Stack[] {
  const tasks = plan.awsTasks.shards.flatMap((shard) => shard.tasks);
  const backups = { manifests: plan.tasks, tasks, runner: uploads.runner };
  return plan.sites
    .filter(({ cloud }) => cloud === 'aws')
    .flatMap((site) => [
      new SiteStack(app, { site, backups }),
      ...(isWatched(site) ? [new SiteSignalStack(app, { site })] : []),
    ]);
}

function order(
  plans: readonly { readonly name: string; readonly after: readonly string[] }[],
  stacks: ReadonlyMap<string, Stack>,
): void {
  for (const { name, after } of plans) {
    for (const first of after) {
      const earlier = stacks.get(first);
      if (!earlier) throw new Error(`stack '${name}' comes after '${first}', which is not in the plan`);
      // Of the node: the stack's own method has another name in older versions that the peers allow.
      stacks.get(name)?.node.addDependency(earlier);
    }
  }
}
