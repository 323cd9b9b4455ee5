export { ProtectionPlan } from '../contract';
export { deepFreeze } from './freeze';
export { nodesOf } from './node';
export type { PlanNode } from './node';
export { resolve } from './resolve';
export type { ResolveOptions } from './resolve';
export { runDates } from './run-dates';
export type { PlannedRun } from './run-dates';
export { testRestoresOf } from './test-restore';
