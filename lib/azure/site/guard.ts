import { NetworkSecurityGroup } from '@cdktf/provider-azurerm/lib/network-security-group';
import type { Subnet } from '@cdktf/provider-azurerm/lib/subnet';
import { SubnetNetworkSecurityGroupAssociation } from '@cdktf/provider-azurerm/lib/subnet-network-security-group-association';
import type { Site } from '../../contract/site';
import { READY_PORT } from '../../hosts/standby';
import type { ITerraformDependable } from '../../terraform';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import { siteRanges } from './ranges';

/** Who may come in, and to which port. */
export interface Entry {
  readonly name: string;
  /** A range of addresses, or a word of Azure. */
  readonly from: string;
  readonly port: number | '*';
}

const PORTS = { postgresql: 5432, mysql: 3306, mariadb: 3306 } as const;

/** Port of a site's database; 0 where it has none. */
export function databasePort({ database }: Pick<Site, 'database'>): number {
  return database === null ? 0 : PORTS[database.engine];
}

/** The balancer passes packets on as they come, so that clients are seen with their own addresses. */
export function machineRules({ balancer }: Pick<Site, 'balancer'>): readonly Entry[] {
  return [
    { name: 'clients', from: 'Internet', port: balancer.port },
    { name: 'probes', from: 'AzureLoadBalancer', port: balancer.port },
  ];
}

/** The application, which also asks whether it may write, and a second machine that follows the first. */
export function databaseRules(site: Pick<Site, 'network' | 'database'>): readonly Entry[] {
  const port = databasePort(site);
  if (port === 0) return [];
  const { machines, database } = siteRanges(site.network.cidr);
  return [
    { name: 'application', from: machines, port },
    { name: 'ready', from: machines, port: READY_PORT },
    { name: 'follower', from: database, port },
  ];
}

/** A security group of a subnet that lets in what it is told and nothing else, not even from its own network. */
export function guardSubnet(frame: SiteFrame, subnet: Subnet, entries: readonly Entry[]): ITerraformDependable {
  const { node } = subnet;
  const scope = node.scope;
  if (!scope) throw new Error('a subnet without a network');
  const rule = { direction: 'Inbound', sourcePortRange: '*', destinationAddressPrefix: '*' };
  const allowed = entries.map(({ name, from, port }, index) => ({
    ...rule,
    name,
    access: 'Allow',
    protocol: 'Tcp',
    priority: 100 + index * 10,
    sourceAddressPrefix: from,
    destinationPortRange: String(port),
  }));
  const nobody = {
    ...rule,
    name: 'nobody-else',
    access: 'Deny',
    protocol: '*',
    priority: 4096,
    sourceAddressPrefix: '*',
    destinationPortRange: '*',
  };
  const group = new NetworkSecurityGroup(scope, `${node.id}_guard`, {
    ...placeOf(frame),
    name: `${frame.site.prefix}-${node.id}`,
    securityRule: [...allowed, nobody],
  });
  return new SubnetNetworkSecurityGroupAssociation(scope, `${node.id}_guarded`, {
    subnetId: subnet.id,
    networkSecurityGroupId: group.id,
  });
}
