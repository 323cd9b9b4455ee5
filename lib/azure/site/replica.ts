import { MysqlFlexibleServer } from '@cdktf/provider-azurerm/lib/mysql-flexible-server';
import { PostgresqlFlexibleServer } from '@cdktf/provider-azurerm/lib/postgresql-flexible-server';
import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone';
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import { Subnet } from '@cdktf/provider-azurerm/lib/subnet';
import { VirtualNetworkPeering } from '@cdktf/provider-azurerm/lib/virtual-network-peering';
import { Construct } from 'constructs';
import type { SiteDatabase } from '../../contract/site';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import { input } from '../input';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import { databaseRules, guardSubnet } from './guard';
import type { SiteNetwork } from './network';
import { siteRanges } from './ranges';

export type Replica = Extract<SiteDatabase, { kind: 'replica' }>;

export interface SiteReplicaProps {
  readonly frame: SiteFrame;
  readonly database: Replica;
  readonly network: SiteNetwork;
}

const SERVICES = { postgresql: 'Microsoft.DBforPostgreSQL', mysql: 'Microsoft.DBforMySQL' } as const;
const DOMAINS = { postgresql: 'postgres.database.azure.com', mysql: 'mysql.database.azure.com' } as const;
/** Backups of the promoted server; the longest that there is, since nobody knows yet when one is needed. */
const BACKUP_DAYS = 35;

/**
 * What a promotion changes, and what the service moves by itself: a deployment after it neither demotes the server nor
 * makes it anew. A standby in a second zone is the activation's too, since a replica has none.
 * @see https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-read-replicas
 */
const LEFT_ALONE = ['create_mode', 'source_server_id', 'replication_role', 'zone', 'high_availability'];

/** A flexible server that follows a primary of the same service, reached from the network of the site only. */
export class SiteReplica extends Construct {
  readonly server: PostgresqlFlexibleServer | MysqlFlexibleServer;
  readonly engine: 'postgresql' | 'mysql';
  /** Name of the service, as rights have it. */
  readonly service: string;

  constructor(scope: Construct, id: string, { frame, database, network }: SiteReplicaProps) {
    super(scope, id);
    const { site } = frame;
    const engine = database.engine === 'mysql' ? 'mysql' : 'postgresql';
    this.engine = engine;
    this.service = SERVICES[engine].replace('Microsoft.', '');
    const subnet = this.#subnet(frame, network, SERVICES[engine]);
    const zone = new PrivateDnsZone(this, 'zone', {
      name: `${site.prefix}.${DOMAINS[engine]}`,
      resourceGroupName: frame.group.name,
    });
    const link = new PrivateDnsZoneVirtualNetworkLink(this, 'zone_link', {
      name: 'site',
      resourceGroupName: frame.group.name,
      privateDnsZoneName: zone.name,
      virtualNetworkId: network.network.id,
    });
    const common = {
      ...placeOf(frame),
      name: `${site.prefix}-replica`,
      createMode: 'Replica',
      sourceServerId: database.source,
      skuName: database.databaseClass,
      delegatedSubnetId: subnet.subnet.id,
      privateDnsZoneId: zone.id,
      backupRetentionDays: BACKUP_DAYS,
      dependsOn: [link, subnet.guarded, this.#peering(frame, network)],
      lifecycle: { preventDestroy: true, ignoreChanges: LEFT_ALONE },
    };
    this.server =
      engine === 'mysql'
        ? new MysqlFlexibleServer(this, 'Resource', common)
        : new PostgresqlFlexibleServer(this, 'Resource', {
            ...common,
            publicNetworkAccessEnabled: false,
            autoGrowEnabled: true,
          });
    nodeComment(this.server, [database.id]);
  }

  #subnet(frame: SiteFrame, network: SiteNetwork, service: string) {
    const { site, group } = frame;
    const { replica } = siteRanges(site.network.cidr);
    const subnet = new Subnet(this, 'replica', {
      name: 'replica',
      resourceGroupName: group.name,
      virtualNetworkName: network.network.name,
      addressPrefixes: [replica],
      serviceEndpoints: ['Microsoft.Storage'],
      delegation: [
        {
          name: 'server',
          serviceDelegation: {
            name: `${service}/flexibleServers`,
            actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
          },
        },
      ],
    });
    // Nodes of a server talk to one another, once it has a standby.
    const itself = { name: 'itself', from: replica, port: '*' } as const;
    return { subnet, guarded: guardSubnet(frame, subnet, [...databaseRules(site), itself]) };
  }

  /** A primary in a network of its own is reached by peering, of which this is the half of the site. */
  #peering({ site, group }: SiteFrame, { network }: SiteNetwork): ITerraformDependable {
    const name = 'primary_network_id';
    input(this, name, {
      type: 'string',
      default: '',
      description:
        'Id of the virtual network of the primary, where that is reached privately. Its own half of the peering is made there. Empty: the primary is reached by its public address.',
      checks: [
        {
          condition: `\${var.${name} == "" || can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Network/virtualNetworks/[^/]+$", var.${name}))}`,
          errorMessage: 'it is an id: az network vnet show --name NAME --resource-group GROUP --query id --output tsv',
        },
      ],
    });
    const peering = new VirtualNetworkPeering(this, 'peering', {
      name: `${site.prefix}-to-primary`,
      resourceGroupName: group.name,
      virtualNetworkName: network.name,
      remoteVirtualNetworkId: `\${var.${name}}`,
    });
    peering.addOverride('count', `\${var.${name} == "" ? 0 : 1}`);
    return peering;
  }
}
