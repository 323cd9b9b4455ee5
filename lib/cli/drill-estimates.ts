import type { RestoreRecord } from '../contract';
import type { Spec } from '../spec';

/** A recovery step of the spec, beside what the drill measured of it. */
export interface Estimate {
  /** Path in the spec. */
  readonly path: string;
  readonly action: string;
  readonly estimatedSeconds: number;
  readonly measuredSeconds: number;
}

/** Words of a step that a drill takes: bringing data back, and looking whether it is right. */
const RESTORES = /\brestor(e|es|ing|ation)\b/i;
const LOOKS = /\b(validat|verif|integrity)\w*/i;

/**
 * The recovery steps that speak of what a drill measured. Which ones is told by their words, since a spec has no other
 * way to say it: "Database restoration" is the restore, "Database validation" all that was looked at afterwards.
 */
export function estimatesOf(spec: Spec, record: RestoreRecord): readonly Estimate[] {
  const { rtoAchievedSeconds: restored } = record;
  if (restored === undefined) return [];
  const looked = Math.max(0, total(record) - restored);
  return [...(spec.disaster_recovery?.scenarios ?? [])].flatMap(([scenario, { recovery_steps: steps }]) =>
    steps.flatMap(({ action, estimated_time: estimated }, index) => {
      const measuredSeconds = RESTORES.test(action) ? restored : LOOKS.test(action) ? looked : undefined;
      if (measuredSeconds === undefined) return [];
      const path = `disaster_recovery.scenarios.${scenario}.recovery_steps[${index}]`;
      return [{ path, action, estimatedSeconds: estimated.seconds, measuredSeconds }];
    }),
  );
}

function total({ startedAt, endedAt }: RestoreRecord): number {
  return (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}
