import { clouds } from '../../clouds';
import type { TaskManifest } from '../../contract';
import { Duration, cadenceText, longestInterval } from '../../units';
import type { PlanCheck, Resolved } from './finding';

type Tier = 'critical' | 'important' | 'standard';

/** A recovery point is as old as the interval between two runs, at worst, and the run that has not finished yet. */
export const recoveryPoints: PlanCheck = (resolved) => {
  const objectives = resolved.context.spec.disaster_recovery?.objectives?.rpo;
  if (!objectives) return;
  for (const task of resolved.plan.tasks) {
    const tier = tierOf(resolved, task.name);
    const rpo = objectives[`${tier}_data`];
    const worst = worstInterval(task);
    // An interval as long as the objective misses it by the time of the run.
    if (!rpo || !worst || worst.interval.seconds < rpo.seconds) continue;
    const often = Duration.minutes(Math.max(1, Math.floor(rpo.seconds / 180)));
    const otherTier = `give "${task.name}" another tier in deployment.tiers`;
    const logs = task.engine === 'sqlserver' || task.engine === 'mysql' || task.engine === 'mariadb';
    resolved.context.report({
      code: 'DR3070',
      path: resolved.dataSets.find((one) => one.name === task.name)?.path ?? '',
      message: `backups of "${task.name}" are ${cadenceText(worst.cadence)}, so up to ${worst.interval} are lost and the time of a run; rpo.${tier}_data is ${rpo}`,
      fix: logs
        ? `add backup.general.types.log: { frequency: "${often}" retention: 7 }, or ${otherTier}`
        : `${replicated(resolved, task) ?? 'back up more often, replicate the data'}, or ${otherTier}`,
    });
  }
};

/** A site that follows the source loses less where the place of the source is lost, and nothing less where its data is damaged. */
function replicated({ plan }: Resolved, task: TaskManifest): string | undefined {
  const sites = plan.sites.filter(
    ({ database, synchronization: { method, primary } }) =>
      method !== 'backup_restore' &&
      primary?.dataSet === task.name &&
      (database?.kind === 'replica' || primary.host !== undefined),
  );
  if (sites.length === 0) return undefined;
  const names = sites.map(({ name }) => `"${name}"`).join(' and ');
  return `${names} ${sites.length === 1 ? 'has' : 'have'} it where the place of the source is lost, and what is deleted or encrypted there too: for that back up more often`;
}

/** Thawing alone may take longer than the promise. */
export const retrievalTime: PlanCheck = (resolved) => {
  const rto = resolved.context.spec.disaster_recovery?.objectives?.rto?.critical_systems;
  if (!rto) return;
  for (const { dataSets, hours, tier } of retrievals(resolved)) {
    if (hours.to * 3600 < rto.seconds) continue;
    for (const path of dataSets) {
      resolved.context.report({
        code: 'DR3038',
        path,
        message: `${tier} retrieval from Glacier takes ${hours.from} to ${hours.to} hours, which alone can use up rto.critical_systems of ${rto}`,
        fix: 'use retrieval_tier "expedited", or keep enough backups in a class that is read at once',
      });
    }
  }
};

function retrievals({ dataSets }: Resolved) {
  const glacier = clouds.aws.storageClasses.find((one) => one.name === 'GLACIER');
  return Object.entries(glacier?.retrievalHours ?? {}).map(([tier, hours]) => ({
    tier,
    hours,
    dataSets: dataSets
      .filter((one) => one.storage.glacier?.retrieval_tier === tier)
      .map((one) => `${one.path}.storage.glacier.retrieval_tier`),
  }));
}

function tierOf({ context }: Resolved, name: string): Tier {
  return context.deployment.tiers?.get(name) ?? 'critical';
}

/** The shortest of the intervals: each run is a recovery point. */
function worstInterval(task: TaskManifest) {
  const runs = task.runs.flatMap(({ cadence }) => {
    const interval = longestInterval(cadence);
    return interval ? [{ cadence, interval }] : [];
  });
  return runs.sort((a, b) => a.interval.seconds - b.interval.seconds)[0];
}
