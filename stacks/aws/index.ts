import type { App } from 'aws-cdk-lib';
import type { AwsStack } from '../../lib/contract/aws-storage';
import { StoreStack } from './store-stack';

/** Makes the stacks of the plan; `after` is order only, since no value passes from one stack to another. */
export function addAwsStacks(app: App, plans: readonly AwsStack[]): readonly StoreStack[] {
  const stacks = new Map(plans.map((plan) => [plan.name, new StoreStack(app, { plan })]));
  for (const plan of plans) {
    for (const name of plan.after) {
      const earlier = stacks.get(name);
      if (!earlier) throw new Error(`stack '${plan.name}' comes after '${name}', which is not in the plan`);
      // Of the node: the stack's own method has another name in older versions that the peers allow.
      stacks.get(plan.name)?.node.addDependency(earlier);
    }
  }
  return [...stacks.values()];
}
