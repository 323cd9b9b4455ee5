import { NetworkSecurityGroup } from '@cdktf/provider-azurerm/lib/network-security-group';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { Subnet } from '@cdktf/provider-azurerm/lib/subnet';
import { SubnetNetworkSecurityGroupAssociation } from '@cdktf/provider-azurerm/lib/subnet-network-security-group-association';
import { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network';
import { Construct } from 'constructs';
import type { AzureNetwork, AzureSharedTasks } from '../contract/azure-tasks';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { addBlobEndpoints } from './blob-endpoints';

export interface TaskNetworkProps {
  readonly plan: Pick<AzureSharedTasks, 'names' | 'accounts' | 'location'>;
  readonly network: Extract<AzureNetwork, { kind: 'isolated' }>;
  readonly group: ResourceGroup;
}

/**
 * Where containers may go: the network itself, and services that they cannot do without. Image and platform, sign-in,
 * the key vault and the log. https://learn.microsoft.com/azure/container-apps/firewall-integration
 */
const SERVICES = [
  'AzureActiveDirectory',
  'AzureContainerRegistry',
  'AzureFrontDoor.FirstParty',
  'AzureKeyVault',
  'AzureMonitor',
  'MicrosoftContainerRegistry',
  'Storage',
];

/** A virtual network that leads to Azure's services and nowhere else; accounts of backups are in it by private endpoints. */
export class TaskNetwork extends Construct {
  readonly subnetId: string;
  /** Of the containers that read other clouds, where there are some. */
  readonly copySubnetId: string | undefined;
  /** What has to be there before containers are. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { plan, network, group }: TaskNetworkProps) {
    super(scope, id);
    const where = { resourceGroupName: group.name, location: group.location };
    const whole = new VirtualNetwork(this, 'Resource', {
      ...where,
      name: plan.names.network,
      addressSpace: [network.cidr],
    });
    nodeComment(whole, [network.id]);
    const subnet = (name: string, range: string, delegated: boolean) =>
      new Subnet(this, name, {
        name,
        resourceGroupName: group.name,
        virtualNetworkName: whole.name,
        addressPrefixes: [range],
        // Containers leave by the environment's own address, so far as their guard lets them.
        ...(!delegated && { defaultOutboundAccessEnabled: false }),
        ...(delegated && {
          delegation: [
            {
              name: 'containers',
              serviceDelegation: {
                name: 'Microsoft.App/environments',
                actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
              },
            },
          ],
        }),
      });
    const containers = subnet('containers', network.containers, true);
    const endpoints = subnet('endpoints', network.endpoints, false);
    const copies = network.copies === undefined ? undefined : subnet('copies', network.copies, true);
    this.subnetId = containers.id;
    this.copySubnetId = copies?.id;
    const guard = (one: Subnet, leads: Leads) => this.#guard(one, leads, plan.location, where);
    this.ready = [
      guard(containers, 'to services'),
      guard(endpoints, 'nowhere'),
      ...(copies ? [guard(copies, 'to other clouds')] : []),
      ...addBlobEndpoints(this, {
        where,
        virtualNetworkId: whole.id,
        subnetId: endpoints.id,
        link: 'tasks',
        stores: plan.accounts,
      }),
    ];
  }

  #guard(subnet: Subnet, leads: Leads, location: string, where: Where): ITerraformDependable {
    const name = subnet.node.id;
    const rule = { access: 'Allow', protocol: 'Tcp', sourcePortRange: '*', destinationPortRange: '443' };
    const services = SERVICES.map((service, index) => ({
      ...rule,
      name: `to-${service.replace(/[^A-Za-z]/g, '')}`,
      priority: 200 + index,
      direction: 'Outbound',
      sourceAddressPrefix: 'VirtualNetwork',
      destinationAddressPrefix: service === 'Storage' ? `Storage.${location}` : service,
    }));
    const nowhere = {
      ...rule,
      name: 'nowhere-else',
      access: 'Deny',
      protocol: '*',
      priority: 4096,
      direction: 'Outbound',
      sourceAddressPrefix: '*',
      destinationAddressPrefix: 'Internet',
      destinationPortRange: '*',
    };
    const clouds = {
      ...rule,
      name: 'to-other-clouds',
      priority: 300,
      direction: 'Outbound',
      sourceAddressPrefix: 'VirtualNetwork',
      destinationAddressPrefix: 'Internet',
    };
    const ways = { nowhere: [], 'to services': services, 'to other clouds': [...services, clouds] }[leads];
    const group = new NetworkSecurityGroup(this, `${name}_guard`, {
      ...where,
      name: `nsg-${name}`,
      securityRule: [...ways, nowhere],
    });
    return new SubnetNetworkSecurityGroupAssociation(this, `${name}_guarded`, {
      subnetId: subnet.id,
      networkSecurityGroupId: group.id,
    });
  }
}

/** Where a subnet's guard lets its containers go: HTTPS only. */
type Leads = 'nowhere' | 'to services' | 'to other clouds';

interface Where {
  readonly resourceGroupName: string;
  readonly location: string;
}
