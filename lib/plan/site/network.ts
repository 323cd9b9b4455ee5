import type { SiteNetwork } from '../../contract';
import { childPath } from '../../diagnostics';
import { spread } from '../../units';
import type { PlanContext } from '../context';

/** How many ranges of 4096 addresses 10.128.0.0/9 has. */
const RANGES = 2048;

export interface SiteNetworkProps {
  readonly name: string;
  /** Path of the site in the spec. */
  readonly at: string;
  readonly sleeps: boolean;
}

/**
 * The network of a site. Its range is a hash of its name, since a range that another site could move would replace the
 * network, and all that is in it. Where two meet, the spec has to name one (DR3080).
 */
export function siteNetwork(context: PlanContext, { name, at, sleeps }: SiteNetworkProps): SiteNetwork {
  const asked = context.deployment.sites?.get(name)?.cidr;
  return {
    id: `site.${name}.network`,
    from: asked === undefined ? [`${at}.provider`, `${at}.region`] : [`${childPath('deployment.sites', name)}.cidr`],
    cidr: asked ?? rangeOf(`${context.prefix} ${name}`),
    // A NAT costs by the hour, whether anything is behind it or not: a site that sleeps has none.
    outbound: sleeps ? 'public' : 'nat',
  };
}

function rangeOf(text: string): string {
  const range = spread(text, RANGES);
  return `10.${128 + (range >> 4)}.${(range & 15) * 16}.0/20`;
}
