import type { TaskManifest } from '../contract';
import { childPath } from '../diagnostics';
import type { PlanContext } from './context';

/** What the spec promises for a data set, and the paths that say it: by its tier, critical where none is named. */
export function objectiveOf(
  { spec, deployment }: PlanContext,
  name: string,
): { readonly objective?: NonNullable<TaskManifest['objective']>; readonly from: readonly string[] } {
  const objectives = spec.disaster_recovery?.objectives;
  const tier = deployment.tiers?.get(name) ?? 'critical';
  const rto = objectives?.rto?.[`${tier}_systems`];
  const rpo = objectives?.rpo?.[`${tier}_data`];
  if (!rto && !rpo) return { from: [] };
  return {
    objective: { tier, ...(rto && { rtoSeconds: rto.seconds }), ...(rpo && { rpoSeconds: rpo.seconds }) },
    from: [
      ...(rto ? [`disaster_recovery.objectives.rto.${tier}_systems`] : []),
      ...(rpo ? [`disaster_recovery.objectives.rpo.${tier}_data`] : []),
      ...(deployment.tiers?.has(name) ? [childPath('deployment.tiers', name)] : []),
    ],
  };
}
