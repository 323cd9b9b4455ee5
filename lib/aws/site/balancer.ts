import { CfnListener, CfnLoadBalancer, CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { READY_PORT } from '../../hosts/standby';
import { answerFor } from '../node-metadata';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';

export interface SiteBalancerProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
}

/** Seconds between two questions, and how many answers of a kind change a machine's word. */
const HEALTH = { healthCheckIntervalSeconds: 10, healthyThresholdCount: 2, unhealthyThresholdCount: 3 } as const;

/**
 * What clients of an activated site reach: TCP passes through, so that TLS ends on the machines as on the primary and no
 * certificate has to be issued on the worst day.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html
 */
export class SiteBalancer extends Construct {
  readonly targets: CfnTargetGroup;
  readonly balancer: CfnLoadBalancer;
  readonly #props: SiteBalancerProps;

  constructor(scope: Construct, id: string, props: SiteBalancerProps) {
    super(scope, id);
    this.#props = props;
    const { frame, network } = props;
    const { site } = frame;
    const { port, healthPath } = site.balancer;
    const { balancer: group, machines } = network.groups;
    this.balancer = new CfnLoadBalancer(this, 'Resource', {
      name: site.prefix,
      type: 'network',
      scheme: 'internet-facing',
      ipAddressType: 'ipv4',
      securityGroups: [group.securityGroupId],
      subnets: network.edge.map(({ subnetId }) => subnetId),
      loadBalancerAttributes: [
        { key: 'deletion_protection.enabled', value: 'true' },
        { key: 'load_balancing.cross_zone.enabled', value: 'true' },
      ],
    });
    // Addresses and NAT need the way out of the network first.
    this.balancer.node.addDependency(network.vpc.internetConnectivityEstablished);
    this.targets = new CfnTargetGroup(this, 'targets', {
      name: site.prefix,
      protocol: 'TCP',
      port,
      vpcId: network.vpc.vpcId,
      targetType: 'instance',
      ...HEALTH,
      healthCheckEnabled: true,
      ...(healthPath === undefined
        ? { healthCheckProtocol: 'TCP' }
        : { healthCheckProtocol: 'HTTPS', healthCheckPath: healthPath }),
      targetGroupAttributes: [
        { key: 'deregistration_delay.timeout_seconds', value: '60' },
        // A client that keeps a connection to a machine that is gone is told so.
        { key: 'deregistration_delay.connection_termination.enabled', value: 'true' },
      ],
    });
    this.#listen('listener', port, this.targets);
    group.addIngressRule(Peer.anyIpv4(), Port.tcp(port), 'clients of the application');
    group.addEgressRule(machines, Port.tcp(port), 'to the machines');
    machines.addIngressRule(group, Port.tcp(port), 'from the load balancer');
    answerFor(this.balancer, [site.balancer.id]);
  }

  /** Lets health checks of a zone ask whether a database machine is the one to write to, and nothing else. */
  addReadiness(addresses: readonly string[]): void {
    const { network, frame } = this.#props;
    const { balancer: group, database } = network.groups;
    const ready = new CfnTargetGroup(this, 'ready', {
      name: `${frame.site.prefix}-ready`,
      protocol: 'TCP',
      port: READY_PORT,
      vpcId: network.vpc.vpcId,
      targetType: 'ip',
      ...HEALTH,
      healthCheckEnabled: true,
      healthCheckProtocol: 'HTTP',
      healthCheckPath: '/ready',
      targets: addresses.map((id) => ({ id, port: READY_PORT })),
    });
    this.#listen('ready-listener', READY_PORT, ready);
    group.addIngressRule(Peer.anyIpv4(), Port.tcp(READY_PORT), 'health checks: whether the site is promoted');
    group.addEgressRule(database, Port.tcp(READY_PORT), 'whether the database is promoted');
    database.addIngressRule(group, Port.tcp(READY_PORT), 'whether it is promoted');
  }

  #listen(id: string, port: number, targets: CfnTargetGroup): void {
    new CfnListener(this, id, {
      loadBalancerArn: this.balancer.ref,
      protocol: 'TCP',
      port,
      defaultActions: [{ type: 'forward', targetGroupArn: targets.ref }],
    });
  }
}
