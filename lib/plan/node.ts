import type { ProtectionPlan } from '../contract';

/** A node of the plan: its id, and the spec paths that it comes from. */
export interface PlanNode {
  readonly id: string;
  readonly from: readonly string[];
}

/** All nodes of a plan, sorted by id. */
export function nodesOf(plan: ProtectionPlan): readonly PlanNode[] {
  const nodes: PlanNode[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isNode(value)) nodes.push(value);
    Object.values(value).forEach(visit);
  };
  visit(plan);
  return nodes.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function isNode(value: object): value is PlanNode {
  return 'id' in value && 'from' in value && Array.isArray(value.from);
}
