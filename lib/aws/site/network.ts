import { GatewayVpcEndpointAwsService, IpAddresses, Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { ISubnet } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { addFlowLog } from '../flow-log';
import { answerFor } from '../node-metadata';
import type { SiteFrame } from './frame';
import { SUBNETS, zonesOf } from './ranges';

export interface SiteNetworkProps {
  readonly frame: SiteFrame;
  /** Port of the database, which machines reach. @default - there is none */
  readonly databasePort?: number;
}

/**
 * The network of a site: balancer and NAT at its edge, machines and database behind it. Where machines get out by an
 * address of their own, they have one, and nobody outside reaches it; the ranges are the same, so that a site that
 * wakes for good keeps its network. One NAT is enough: what a site needs on the worst day comes through it only in part,
 * since S3 has a way of its own.
 */
export class SiteNetwork extends Construct {
  readonly vpc: Vpc;
  readonly edge: readonly ISubnet[];
  readonly machines: readonly ISubnet[];
  readonly database: readonly ISubnet[];
  readonly groups: Readonly<Record<'balancer' | 'machines' | 'database', SecurityGroup>>;
  /** Whether a machine is given a public address. */
  readonly publicAddress: boolean;

  constructor(scope: Construct, id: string, { frame, databasePort }: SiteNetworkProps) {
    super(scope, id);
    const { site, key } = frame;
    this.publicAddress = site.network.outbound === 'public';
    const zones = zonesOf(site.region);
    const inner = this.publicAddress
      ? ({ subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false } as const)
      : { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
    this.vpc = new Vpc(this, 'Resource', {
      ipAddresses: IpAddresses.cidr(site.network.cidr),
      maxAzs: zones,
      natGateways: this.publicAddress ? 0 : 1,
      natGatewaySubnets: { subnetGroupName: SUBNETS.edge },
      // The library would empty the default group by a function of its own; nothing uses the group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: SUBNETS.edge, subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: SUBNETS.machines, cidrMask: 24, ...inner },
        { name: SUBNETS.database, cidrMask: 24, ...inner },
      ],
    });
    const named = (subnetGroupName: string) => this.vpc.selectSubnets({ subnetGroupName }).subnets;
    this.edge = named(SUBNETS.edge);
    this.machines = named(SUBNETS.machines);
    this.database = named(SUBNETS.database);
    // Backups, the log archive and the lease lie in S3: this way costs nothing.
    this.vpc.addGatewayEndpoint('s3', { service: GatewayVpcEndpointAwsService.S3 });
    addFlowLog(this, { vpc: this.vpc, logGroupName: `/hypnoscript/${site.prefix}/flows`, key });
    this.groups = {
      balancer: this.#group('balancer', 'Load balancer of a recovery site', false),
      machines: this.#group('machines', 'Machines of a recovery site: the load balancer reaches them', true),
      database: this.#group('database', 'Database of a recovery site: its machines reach it', true),
    };
    if (databasePort !== undefined) {
      const { machines, database } = this.groups;
      database.addIngressRule(machines, Port.tcp(databasePort), 'database from the machines');
      database.addIngressRule(database, Port.tcp(databasePort), 'database from the other database machine');
    }
    answerFor(this.vpc, [site.network.id]);
  }

  #group(name: string, description: string, allowAllOutbound: boolean): SecurityGroup {
    return new SecurityGroup(this, name, { vpc: this.vpc, description, allowAllOutbound });
  }
}
