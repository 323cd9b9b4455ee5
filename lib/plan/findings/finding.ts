import type { ProtectionPlan } from '../../contract';
import type { Claim } from '../claim';
import type { PlanContext } from '../context';
import type { DataSet } from '../data-set';

/** What a check of the plan may look at. */
export interface Resolved {
  readonly context: PlanContext;
  readonly dataSets: readonly DataSet[];
  readonly claims: readonly Claim[];
  readonly plan: ProtectionPlan;
}

/** One check: reports what the spec says and what was made of it, or what it cannot keep. */
export type PlanCheck = (resolved: Resolved) => void;
