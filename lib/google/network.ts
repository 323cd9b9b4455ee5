import type { CloudRunV2JobTemplateTemplateVpcAccess } from '@cdktf/provider-google/lib/cloud-run-v2-job';
import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall';
import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeRoute } from '@cdktf/provider-google/lib/compute-route';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { DnsManagedZone } from '@cdktf/provider-google/lib/dns-managed-zone';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { Construct } from 'constructs';
import type { GoogleNetwork, GoogleTaskNetwork } from '../contract/google-tasks';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { fitName } from '../units';

/**
 * Where `private.googleapis.com` answers: Google's services inside of Google's network.
 * https://cloud.google.com/vpc/docs/configure-private-google-access
 */
const SERVICES = { cidr: '199.36.153.8/30', addresses: [8, 9, 10, 11].map((last) => `199.36.153.${last}`) } as const;
const ZONE = 'googleapis.com.';
const TTL_SECONDS = 300;

export interface TaskNetworkProps {
  readonly network: Extract<GoogleNetwork, { kind: 'isolated' }>;
  readonly region: string;
  /** What has to be on before a network can be made. */
  readonly services: ITerraformDependable[];
}

/** A network with one route, to Google's services, and no other way out. */
export class TaskNetwork extends Construct {
  constructor(scope: Construct, id: string, { network, region, services }: TaskNetworkProps) {
    super(scope, id);
    const vpc = new ComputeNetwork(this, 'Resource', {
      name: network.network,
      autoCreateSubnetworks: false,
      deleteDefaultRoutesOnCreate: true,
      dependsOn: services,
    });
    nodeComment(vpc, [network.id]);
    const subnet = new ComputeSubnetwork(this, 'subnet', {
      name: network.subnet,
      region,
      network: vpc.id,
      ipCidrRange: network.cidr,
      privateIpGoogleAccess: true,
      logConfig: {
        aggregationInterval: 'INTERVAL_10_MIN',
        flowSampling: 0.5,
        metadata: 'INCLUDE_ALL_METADATA',
      },
    });
    nodeComment(subnet, [network.id]);
    const route = new ComputeRoute(this, 'route', {
      name: named(network.network, 'services'),
      network: vpc.id,
      destRange: SERVICES.cidr,
      // This is how the route is called; nothing but the range above goes by it.
      nextHopGateway: 'default-internet-gateway',
    });
    nodeComment(route, [network.id]);
    this.#firewall(network, vpc);
    this.#names(network, vpc, services);
  }

  /** What the routes say already, for whoever adds one: HTTPS to the services, and nothing else. */
  #firewall({ id, network }: TaskNetworkProps['network'], vpc: ComputeNetwork): void {
    const rules = [
      {
        name: 'services',
        priority: 1000,
        destinationRanges: [SERVICES.cidr],
        allow: [{ protocol: 'tcp', ports: ['443'] }],
      },
      { name: 'nothing', priority: 65_000, destinationRanges: ['0.0.0.0/0'], deny: [{ protocol: 'all' }] },
    ];
    for (const { name, ...rule } of rules) {
      const firewall = new ComputeFirewall(this, `egress_${name}`, {
        name: named(network, `egress-${name}`),
        network: vpc.id,
        direction: 'EGRESS',
        ...rule,
      });
      nodeComment(firewall, [id]);
    }
  }

  /** Names of the services are answered with the addresses that there is a route to. */
  #names({ id, network }: TaskNetworkProps['network'], vpc: ComputeNetwork, services: ITerraformDependable[]): void {
    const zone = new DnsManagedZone(this, 'names', {
      name: named(network, 'services'),
      dnsName: ZONE,
      visibility: 'private',
      privateVisibilityConfig: { networks: [{ networkUrl: vpc.id }] },
      dependsOn: services,
    });
    nodeComment(zone, [id]);
    const inside = `private.${ZONE}`;
    new DnsRecordSet(this, 'address', {
      managedZone: zone.name,
      name: inside,
      type: 'A',
      ttl: TTL_SECONDS,
      rrdatas: [...SERVICES.addresses],
    });
    new DnsRecordSet(this, 'all', {
      managedZone: zone.name,
      name: `*.${ZONE}`,
      type: 'CNAME',
      ttl: TTL_SECONDS,
      rrdatas: [inside],
    });
  }
}

/** Names of Compute Engine and Cloud DNS have at most 63 characters. */
function named(network: string, what: string): string {
  return fitName(`${network}-${what}`, 63);
}

/**
 * Everything that a container sends goes through the network, so that its routes and firewall say where to. Cloud Run
 * takes one subnet. https://cloud.google.com/run/docs/configuring/vpc-direct-vpc
 */
export function vpcAccessOf({ network, subnet }: GoogleTaskNetwork): CloudRunV2JobTemplateTemplateVpcAccess {
  return { egress: 'ALL_TRAFFIC', networkInterfaces: [{ network, subnetwork: subnet }] };
}
