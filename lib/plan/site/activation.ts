import type { Site, SiteActivation, SiteDns } from '../../contract';
import type { SiteSpec } from '../../spec';
import type { PlanContext } from '../context';
import { kindOf } from './kind';
import { nameMoveSeconds } from './name-move';

/** How long a person may stop an automatic activation. */
const ABORT_SECONDS = 300;
/** Long enough for a place that is away for a moment, short enough for a recovery in minutes. */
const LEASE_SECONDS = 60;
const WARMEST_FIRST: readonly Site['kind'][] = ['hot', 'warm', 'cold'];

/** How a site takes over. */
export function siteActivation(context: PlanContext, name: string, at: string, site: SiteSpec): SiteActivation {
  const { automated, trigger_conditions: triggers, estimated_time: estimated } = site.activation;
  const primary = context.deployment.primary_site;
  const urls = primary?.health_urls ?? [];
  // Without an address to ask nothing watches, and a person activates (DR3086).
  const watches = automated && urls.length > 0;
  return {
    id: `site.${name}.activation`,
    from: [
      ...(urls.length > 0 ? ['deployment.primary_site.health_urls'] : []),
      ...(watches ? [`${at}.activation.automated`] : []),
      `${at}.activation.estimated_time`,
      ...(watches && triggers ? [`${at}.activation.trigger_conditions`] : []),
    ],
    automated,
    triggers: triggers ?? ['manual_activation'],
    estimatedSeconds: estimated.seconds,
    healthUrls: urls,
    abortSeconds: ABORT_SECONDS,
    leaseSeconds: LEASE_SECONDS,
    dns: dnsSite(context) === name ? dnsOf(context, name, site.provider) : null,
  };
}

/**
 * The one site that the record leads to when the primary is gone: in the cloud that has the zone the one that activates
 * itself, else the warmest.
 */
export function dnsSite({ spec, deployment }: PlanContext): string | undefined {
  if (!deployment.dns) return undefined;
  const sites = [...(spec.disaster_recovery?.dr_sites ?? [])].filter(([, one]) => one.enabled);
  const here = sites.filter(([, one]) => one.provider === (deployment.dns?.provider ?? one.provider));
  const rank = ([name, one]: (typeof sites)[number]) =>
    (one.activation.automated ? 0 : WARMEST_FIRST.length) + WARMEST_FIRST.indexOf(kindOf(name, one));
  return here.sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1))[0]?.[0];
}

function dnsOf({ deployment }: PlanContext, name: string, cloud: Site['cloud']): SiteDns | null {
  const { dns, primary_site: primary } = deployment;
  if (!dns) return null;
  return {
    id: `site.${name}.dns`,
    from: ['deployment.dns', ...(primary?.address === undefined ? [] : ['deployment.primary_site.address'])],
    zone: dns.zone,
    record: dns.record,
    ...(primary?.address !== undefined && { primary: primary.address }),
    moveSeconds: nameMoveSeconds(cloud),
  };
}
