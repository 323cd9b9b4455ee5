import type { Site } from '../../contract';

/** Clients ask again after so long: the records of each cloud say it. */
const TTL_SECONDS = 60;
/** How often a site on AWS says whether it has the name. */
const SAID_SECONDS = 60;
/** A number counts once its period is over, which Route 53 copies from the alarm. */
const PERIOD_SECONDS = 60;

/**
 * Seconds from the promotion of a site until the last client is sent there, by the intervals that are ours or documented.
 * On Azure and Google the activation switches the name, and what is remembered is over with its time to live. On AWS the
 * number is said within a minute, counts after its period, and then what is remembered has to end; the health checks of the
 * site itself (three in thirty seconds each) end before that, since they begin at the promotion too. What the clouds take to
 * pass on a change, or to count a check by others, they say nowhere, and it is not in here: seconds, as a rule.
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 * @see https://learn.microsoft.com/azure/traffic-manager/traffic-manager-monitoring
 * @see https://cloud.google.com/dns/docs/overview
 */
export function nameMoveSeconds(cloud: Site['cloud']): number {
  return cloud === 'aws' ? SAID_SECONDS + PERIOD_SECONDS + TTL_SECONDS : TTL_SECONDS;
}
