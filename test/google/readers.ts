import type { ProtectionPlan } from '../../lib/plan';
import { addGoogleTaskStacks } from '../../stacks/google';
import { AWS_STORE, AZURE_STORE, database, need, planOf, spec } from '../plan/support';
import type { Parts } from '../plan/support';
import { synthStack } from '../terraform/synth-stack';
import type { SynthesizedStack } from '../terraform/synth-stack';

/** A data set on Google that is copied to AWS and to Azure. */
export const orders = database('orders', 'gcs: { bucket: "acme-own" location: "europe-west1" path: "orders/{year}/" }');

export function readersPlan(parts: Parts = {}): ProtectionPlan {
  return planOf(spec({ database: orders, cloud: `${AWS_STORE} ${AZURE_STORE}`, ...parts }));
}

/** The stack of what other clouds read. */
export function readerStack(plan = readersPlan()): SynthesizedStack {
  const { name } = need(plan.googleReaders[0], 'readers on Google');
  // Nothing but this one stack: those of the tasks take many times as long.
  const alone = { ...plan, googleTasks: { shared: [], shards: [] } };
  return synthStack(name, (app) => addGoogleTaskStacks(app, alone));
}
