import { childPath } from '../../diagnostics';
import { Duration } from '../../units';
import type { PlanCheck } from './finding';

/** Nobody is served before the name has moved, and no estimate of a site counts that. */
export const nameObjective: PlanCheck = ({ context, plan }) => {
  const rto = context.spec.disaster_recovery?.objectives?.rto?.critical_systems;
  if (!rto) return;
  for (const { name, activation } of plan.sites) {
    const { dns, automated, healthUrls, abortSeconds, estimatedSeconds } = activation;
    if (dns === null) continue;
    const waits = automated && healthUrls.length > 0 ? abortSeconds : 0;
    const all = waits + estimatedSeconds + dns.moveSeconds;
    if (all <= rto.seconds) continue;
    const parts = [
      ...(waits === 0 ? [] : [`${Duration.seconds(waits)} in which a person may stop it`]),
      `its estimated_time of ${Duration.seconds(estimatedSeconds)}`,
      `${Duration.seconds(dns.moveSeconds)} until its name has moved`,
    ];
    context.report({
      code: 'DR3096',
      path: `${childPath('disaster_recovery.dr_sites', name)}.activation.estimated_time`,
      message: `clients reach "${name}" after up to ${Duration.seconds(all)}: ${parts.join(', ')}; rto.critical_systems is ${rto}`,
      fix: 'shorten the estimate by what is promoted or restored, or promise more time',
    });
  }
};
