import { addGoogleTaskStacks } from '../../stacks/google';
import type { ProtectionPlan } from '../../lib/plan';
import { planOf, spec } from '../plan/support';
import { synthStack, type SynthesizedStack } from '../terraform/synth-stack';

/** Three engines on Google, two of them in one bucket; the path of one begins with the date. */
export const GOOGLE_SPEC = spec({
  window: 'start: "02:00" end: "06:00" timezone: "Europe/Berlin"',
  types: `
    full: { frequency: "weekly" day: "sunday" retention: 30 }
    incremental: { frequency: "daily" retention: 7 }
    log: { frequency: "15m" retention: 3 }`,
  database: `
    orders: { type: "pg_dump" storage: { gcs: { bucket: "acme-data" location: "europe-west3" path: "orders/{year}/" } } }
    "shop.v2": { type: "mysqldump" storage: { gcs: { bucket: "acme-data" location: "europe-west3" path: "{year}/{month}/" } } }
    crm: { type: "mariadb-dump" storage: { gcs: { bucket: "acme-crm" location: "europe-west3" path: "crm/{month}/" } } }`,
  cloud: 'gcp_storage: { bucket: "acme-all" location: "EU" }',
});

export function googlePlan(changes: { readonly deployment?: string } = {}): ProtectionPlan {
  return planOf(changes.deployment === undefined ? GOOGLE_SPEC : `${GOOGLE_SPEC} deployment { ${changes.deployment} }`);
}

export interface TaskStacks {
  readonly plan: ProtectionPlan;
  readonly shared: SynthesizedStack;
  readonly shard: SynthesizedStack;
}

/** The same, with test restores of one of the three. */
export const TESTED_SPEC = GOOGLE_SPEC.replace(
  'type: "pg_dump"',
  '$& validation: { test_restore: true frequency: "monthly" }',
);

export function testedPlan(): ProtectionPlan {
  return planOf(TESTED_SPEC);
}

/** The shared stack and the first shard of a plan, synthesized. */
export function synthTasks(plan = googlePlan()): TaskStacks {
  const [shared, shard] = [plan.googleTasks.shared[0], plan.googleTasks.shards[0]];
  if (!shared || !shard) throw new Error('the plan has no tasks on Google');
  const named = (name: string) => synthStack(name, (app) => addGoogleTaskStacks(app, plan));
  return { plan, shared: named(shared.name), shard: named(shard.name) };
}
