import type { SiteCompute } from '../../contract';
import { clouds } from '../../clouds';
import { childPath } from '../../diagnostics';
import type { SiteSpec } from '../../spec';
import type { PlanContext } from '../context';
import { namedVolume } from './volume';

/** A site that grows with the load may have so many times the machines that it has at least. */
const GROWTH = 2;

/** The machines of a site: how many before and after it is activated. */
export function siteCompute(context: PlanContext, name: string, at: string, site: SiteSpec): SiteCompute {
  const { instance_type: instanceType, count, auto_scaling: autoScaling } = site.infrastructure.compute;
  const settings = context.deployment.sites?.get(name);
  const least = Math.max(settings?.count ?? (count > 0 ? count : largestCount(context)), count, 1);
  return {
    id: `site.${name}.compute`,
    from: [
      `${at}.infrastructure.compute`,
      ...(settings?.count === undefined ? [] : [`${childPath('deployment.sites', name)}.count`]),
      ...(settings?.image === undefined ? [] : [`${childPath('deployment.sites', name)}.image`]),
    ].sort(),
    instanceType,
    architecture: clouds[site.provider].architectureOf(instanceType),
    ...(settings?.image !== undefined && { image: settings.image }),
    asleep: count,
    active: { least, most: autoScaling ? least * GROWTH : least },
    autoScaling,
    volume: namedVolume(`site.${name}.compute.volume`, at, site),
  };
}

/** What a site on demand becomes: as large as the largest that the spec names. */
function largestCount({ spec }: PlanContext): number {
  const sites = [...(spec.disaster_recovery?.dr_sites?.values() ?? [])];
  return Math.max(1, ...sites.map(({ infrastructure }) => infrastructure.compute.count));
}
