import { arm, lookUntil, must, when } from './steps';
import type { Step } from './steps';

/** What serves once a site is active. Ids of resources. */
export interface Serving {
  readonly set: string;
  readonly instanceType: string;
  /** Machines that have to answer. */
  readonly least: number;
  readonly autoscale?: string;
  /** The endpoint that gives the site the name. */
  readonly endpoint?: string;
  /** That of the primary. */
  readonly primary?: string;
}

const COMPUTE_API = 'api-version=2024-11-01';
const INSIGHTS_API = 'api-version=2022-10-01';
const NAMES_API = 'api-version=2022-04-01';

/** At least as many machines as an active site has; more that are there stay. */
export function scaleSteps(
  identity: string,
  { set, instanceType, least, autoscale }: Serving,
  longest: string,
): readonly Step[] {
  const capacity = (look: string) => `coalesce(body('${look}')?['sku']?['capacity'], 0)`;
  const sku = { name: instanceType, tier: 'Standard', capacity: least };
  const look = arm(identity, 'GET', `${set}?${COMPUTE_API}`);
  return [
    ['Set', look],
    [
      'Scale',
      when({ less: [`@${capacity('Set')}`, least] }, [
        ['Scale_up', arm(identity, 'PATCH', `${set}?${COMPUTE_API}`, { sku })],
      ]),
    ],
    ['Wait_set', lookUntil('set', `greaterOrEquals(${capacity('Look_set')}, ${least})`, look, longest)],
    ...(autoscale === undefined ? [] : switchSteps(identity, autoscale, true)),
  ];
}

/** Autoscaling on or off; the rest of its setting stays as it is. */
export function switchSteps(identity: string, autoscale: string, enabled: boolean): readonly Step[] {
  const body = `@setProperty(body('Autoscale'), 'properties', setProperty(body('Autoscale')['properties'], 'enabled', ${enabled}))`;
  return [
    ['Autoscale', arm(identity, 'GET', `${autoscale}?${INSIGHTS_API}`)],
    ['Switch', { ...arm(identity, 'PUT', `${autoscale}?${INSIGHTS_API}`), ...putBody(identity, autoscale, body) }],
  ];
}

function putBody(identity: string, autoscale: string, body: string) {
  const { inputs } = arm(identity, 'PUT', `${autoscale}?${INSIGHTS_API}`) as { readonly inputs: object };
  return { inputs: { ...inputs, body } };
}

/** So many machines as the load balancer's probe finds healthy: what does not answer does not serve. */
export function readySteps(identity: string, { set, least }: Serving, longest: string): readonly Step[] {
  const look = arm(identity, 'GET', `${set}/virtualMachines?$expand=instanceView&${COMPUTE_API}`);
  // Each machine says it once.
  const healthy = "sub(length(split(string(coalesce(body('Look_ready')?['value'], '')), 'HealthState/healthy')), 1)";
  return [
    ['Wait_ready', lookUntil('ready', `greaterOrEquals(${healthy}, ${least})`, look, longest)],
    must(
      'Ready',
      { equals: [`@greaterOrEquals(${healthy}, ${least})`, true] },
      `fewer than ${least} machines answer to the balancer`,
    ),
  ];
}

type EndpointStatus = 'Enabled' | 'Disabled';

/** Gives the name to the site, or takes it away. */
export function nameSteps(identity: string, { endpoint }: Serving, status: EndpointStatus): readonly Step[] {
  return endpointSteps(identity, 'Name', endpoint, status);
}

/** The same for the primary: one that answers again after an activation is not the one to write to. */
export function primarySteps(identity: string, { primary }: Serving, status: EndpointStatus): readonly Step[] {
  return endpointSteps(identity, 'Primary', primary, status);
}

/** https://learn.microsoft.com/rest/api/trafficmanager/endpoints/update */
function endpointSteps(
  identity: string,
  word: 'Name' | 'Primary',
  endpoint: string | undefined,
  status: EndpointStatus,
): readonly Step[] {
  if (endpoint === undefined) return [];
  const body = { properties: { endpointStatus: status } };
  return [[`${word}_${status}`, arm(identity, 'PATCH', `${endpoint}?${NAMES_API}`, body)]];
}
