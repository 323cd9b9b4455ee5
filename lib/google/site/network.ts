import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall';
import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeRouter } from '@cdktf/provider-google/lib/compute-router';
import { ComputeRouterNat } from '@cdktf/provider-google/lib/compute-router-nat';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { Construct } from 'constructs';
import { READY_PORT } from '../../hosts/standby';
import type { Site } from '../../contract/site';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import type { SiteFrame } from './frame';
import { siteRanges } from './ranges';

export interface SiteNetworkProps {
  readonly frame: SiteFrame;
}

/** Tags of machines, by which the firewall knows them. */
export const TAGS = { application: 'application', database: 'database' } as const;

/** Where health checks of pass-through balancers come from: https://cloud.google.com/load-balancing/docs/health-checks#fw-rule */
const PROBERS = ['35.191.0.0/16', '130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22'];
/** Where people come from who have the right to: https://cloud.google.com/iap/docs/using-tcp-forwarding */
const IDENTITY_PROXY = '35.235.240.0/20';

const PORTS = { postgresql: 5432, mysql: 3306, mariadb: 3306 } as const;

/** Port of the site's database, 0 where it has none. */
export function databasePort({ database }: Pick<Site, 'database'>): number {
  return database === null ? 0 : PORTS[database.engine];
}

interface Opening {
  readonly name: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly ports: readonly number[];
}

/**
 * The network of a site. A subnet of Google is in every zone of its region, so there is one for each purpose. No machine
 * has an address that the internet knows: they get out by Cloud NAT, which counts the machines that use it, so that a
 * site that sleeps has one for nothing.
 * @see https://cloud.google.com/nat/pricing
 */
export class SiteNetwork extends Construct {
  readonly network: ComputeNetwork;
  readonly machines: ComputeSubnetwork;
  readonly database: ComputeSubnetwork;
  /** What has to be there before machines are, so that none is ever without a way out. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame }: SiteNetworkProps) {
    super(scope, id);
    const { site, services } = frame;
    const ranges = siteRanges(site.network.cidr);
    this.network = new ComputeNetwork(this, 'Resource', {
      name: site.prefix,
      autoCreateSubnetworks: false,
      dependsOn: services,
    });
    nodeComment(this.network, [site.network.id]);
    this.machines = this.subnet(site, 'machines', ranges.machines);
    this.database = this.subnet(site, 'database', ranges.database);
    const router = new ComputeRouter(this, 'router', {
      name: site.prefix,
      region: site.region,
      network: this.network.id,
    });
    const nat = new ComputeRouterNat(this, 'nat', {
      name: site.prefix,
      region: site.region,
      router: router.name,
      natIpAllocateOption: 'AUTO_ONLY',
      sourceSubnetworkIpRangesToNat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
      logConfig: { enable: true, filter: 'ERRORS_ONLY' },
    });
    nodeComment(nat, [site.network.id]);
    this.ready = [nat, ...openings(site).map((one) => this.#open(site, one)), this.#nobodyElse(site)];
  }

  /** A subnet whose machines reach Google's services without the internet. */
  subnet({ prefix, region, network }: Site, name: string, range: string): ComputeSubnetwork {
    const subnet = new ComputeSubnetwork(this, name, {
      name: `${prefix}-${name}`,
      region,
      network: this.network.id,
      ipCidrRange: range,
      privateIpGoogleAccess: true,
      logConfig: { aggregationInterval: 'INTERVAL_10_MIN', flowSampling: 0.5, metadata: 'INCLUDE_ALL_METADATA' },
    });
    nodeComment(subnet, [network.id]);
    return subnet;
  }

  #open({ prefix }: Site, { name, from, to, ports }: Opening): ComputeFirewall {
    return new ComputeFirewall(this, `open_${name}`, {
      name: `${prefix}-${name}`,
      network: this.network.id,
      direction: 'INGRESS',
      priority: 1000,
      sourceRanges: [...from],
      targetTags: [to],
      allow: [{ protocol: 'tcp', ports: ports.map(String) }],
    });
  }

  /** What Google does anyway, written down where it is seen, and told of in the log. */
  #nobodyElse({ prefix }: Site): ComputeFirewall {
    return new ComputeFirewall(this, 'nobody_else', {
      name: `${prefix}-nobody-else`,
      network: this.network.id,
      direction: 'INGRESS',
      priority: 65_000,
      sourceRanges: ['0.0.0.0/0'],
      deny: [{ protocol: 'all' }],
      logConfig: { metadata: 'EXCLUDE_ALL_METADATA' },
    });
  }
}

/** The application from anywhere, since the balancer passes packets on; the database from the application and its own. */
function openings(site: Site): readonly Opening[] {
  const { machines, database, restores } = siteRanges(site.network.cidr);
  const { application, database: databases } = TAGS;
  const { port } = site.balancer;
  const open: Opening[] = [
    { name: 'clients', from: ['0.0.0.0/0'], to: application, ports: [port] },
    { name: 'probers', from: PROBERS, to: application, ports: [port] },
    { name: 'people-application', from: [IDENTITY_PROXY], to: application, ports: [22] },
  ];
  if (site.database?.kind !== 'machines') return open;
  return [
    ...open,
    { name: 'people-database', from: [IDENTITY_PROXY], to: databases, ports: [22] },
    { name: 'database', from: [machines, database, restores], to: databases, ports: [databasePort(site)] },
    { name: 'ready', from: [machines], to: databases, ports: [READY_PORT] },
  ];
}
