import { NatGateway } from '@cdktf/provider-azurerm/lib/nat-gateway';
import { NatGatewayPublicIpAssociation } from '@cdktf/provider-azurerm/lib/nat-gateway-public-ip-association';
import { PublicIp } from '@cdktf/provider-azurerm/lib/public-ip';
import { Subnet } from '@cdktf/provider-azurerm/lib/subnet';
import { SubnetNatGatewayAssociation } from '@cdktf/provider-azurerm/lib/subnet-nat-gateway-association';
import { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network';
import { Construct } from 'constructs';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import { addFlowLog } from './flow-log';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import { databaseRules, guardSubnet, machineRules } from './guard';
import { siteRanges } from './ranges';

export interface SiteNetworkProps {
  readonly frame: SiteFrame;
}

/**
 * The private network of a site. A subnet of Azure is in every zone, so there is one for each purpose. Nothing in it has
 * an address of its own that the internet knows. Machines get out by a NAT gateway; those of a site that sleeps by the
 * address of the load balancer, which is there anyway, so that nothing is paid for way out that nobody takes.
 * @see https://learn.microsoft.com/azure/load-balancer/load-balancer-outbound-connections
 */
export class SiteNetwork extends Construct {
  readonly network: VirtualNetwork;
  readonly machines: Subnet;
  readonly database: Subnet;
  /** What has to be there before machines are, so that none is ever open or without a way out. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame }: SiteNetworkProps) {
    super(scope, id);
    const { site, group } = frame;
    const ranges = siteRanges(site.network.cidr);
    this.network = new VirtualNetwork(this, 'Resource', {
      ...placeOf(frame),
      name: `${site.prefix}-net`,
      addressSpace: [site.network.cidr],
    });
    nodeComment(this.network, [site.network.id]);
    const subnet = (name: string, range: string) =>
      new Subnet(this, name, {
        name,
        resourceGroupName: group.name,
        virtualNetworkName: this.network.name,
        addressPrefixes: [range],
        // The way out is said, and never the service's own, which new networks do not have any more.
        defaultOutboundAccessEnabled: false,
        serviceEndpoints: ['Microsoft.Storage'],
      });
    this.machines = subnet('machines', ranges.machines);
    this.database = subnet('database', ranges.database);
    this.ready = [
      guardSubnet(frame, this.machines, machineRules(site)),
      guardSubnet(frame, this.database, databaseRules(site)),
      ...(site.network.outbound === 'nat' ? this.#nat(frame) : []),
    ];
    addFlowLog(this, { frame, network: this.network });
  }

  #nat(frame: SiteFrame): ITerraformDependable[] {
    const { site, zones } = frame;
    // A gateway is in one zone, or wherever Azure puts it.
    const [zone] = zones;
    const pinned = zone === undefined ? {} : { zones: [zone] };
    const address = new PublicIp(this, 'nat_address', {
      ...placeOf(frame),
      name: `${site.prefix}-nat`,
      sku: 'Standard',
      allocationMethod: 'Static',
      ...pinned,
    });
    const nat = new NatGateway(this, 'nat', {
      ...placeOf(frame),
      name: `${site.prefix}-nat`,
      skuName: 'Standard',
      ...pinned,
    });
    return [
      new NatGatewayPublicIpAssociation(this, 'nat_addressed', {
        natGatewayId: nat.id,
        publicIpAddressId: address.id,
      }),
      ...[this.machines, this.database].map(
        (subnet) =>
          new SubnetNatGatewayAssociation(this, `${subnet.node.id}_out`, { subnetId: subnet.id, natGatewayId: nat.id }),
      ),
    ];
  }
}
