import { Lb } from '@cdktf/provider-azurerm/lib/lb';
import { LbBackendAddressPool } from '@cdktf/provider-azurerm/lib/lb-backend-address-pool';
import { LbOutboundRule } from '@cdktf/provider-azurerm/lib/lb-outbound-rule';
import { LbProbe } from '@cdktf/provider-azurerm/lib/lb-probe';
import { LbRule } from '@cdktf/provider-azurerm/lib/lb-rule';
import { PublicIp } from '@cdktf/provider-azurerm/lib/public-ip';
import { Construct } from 'constructs';
import type { Site } from '../../contract/site';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import { inZones, placeOf } from './frame';
import type { SiteFrame } from './frame';

export interface SiteBalancerProps {
  readonly frame: SiteFrame;
}

const FRONTEND = 'public';
/** Two looks that say no, seconds apart: as fast as a probe may be without taking a pause for an end. */
const PROBE_SECONDS = 10;

/**
 * The public address of a site, of which one port leads to its machines, packet by packet. TLS ends there.
 * @see https://learn.microsoft.com/azure/load-balancer/load-balancer-custom-probe-overview
 */
export class SiteBalancer extends Construct {
  readonly address: PublicIp;
  readonly pool: LbBackendAddressPool;
  readonly probe: LbProbe;
  readonly rule: LbRule;
  /** Where database machines have their way out, and nothing leads in; undefined where a NAT gateway is that way. */
  readonly outbound: LbBackendAddressPool | undefined;
  /** What has to be there before machines are. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame }: SiteBalancerProps) {
    super(scope, id);
    const { site } = frame;
    const { balancer, prefix } = site;
    this.address = new PublicIp(this, 'address', {
      ...placeOf(frame),
      ...inZones(frame),
      name: `${prefix}-public`,
      // A name of Azure's for it, without which Traffic Manager does not take it.
      ...(site.activation.dns && { domainNameLabel: prefix }),
      sku: 'Standard',
      allocationMethod: 'Static',
      lifecycle: { preventDestroy: true },
    });
    const made = new Lb(this, 'Resource', {
      ...placeOf(frame),
      name: `${prefix}-lb`,
      sku: 'Standard',
      frontendIpConfiguration: [{ name: FRONTEND, publicIpAddressId: this.address.id }],
    });
    nodeComment(made, [balancer.id]);
    this.pool = new LbBackendAddressPool(this, 'pool', { name: 'machines', loadbalancerId: made.id });
    this.probe = new LbProbe(this, 'probe', {
      name: 'health',
      loadbalancerId: made.id,
      port: balancer.port,
      intervalInSeconds: PROBE_SECONDS,
      numberOfProbes: 2,
      probeThreshold: 2,
      ...(balancer.healthPath === undefined
        ? { protocol: 'Tcp' }
        : { protocol: 'Https', requestPath: balancer.healthPath }),
    });
    this.rule = new LbRule(this, 'rule', {
      name: 'clients',
      loadbalancerId: made.id,
      frontendIpConfigurationName: FRONTEND,
      backendAddressPoolIds: [this.pool.id],
      probeId: this.probe.id,
      protocol: 'Tcp',
      frontendPort: balancer.port,
      backendPort: balancer.port,
      // A client whose machine is gone is told at once, and not after minutes.
      tcpResetEnabled: true,
      idleTimeoutInMinutes: 15,
      // What goes out goes by the rule that says so, or by the NAT gateway.
      disableOutboundSnat: true,
    });
    if (site.network.outbound === 'nat') {
      this.outbound = undefined;
      this.ready = [this.rule];
    } else {
      this.outbound = new LbBackendAddressPool(this, 'outbound', { name: 'outbound', loadbalancerId: made.id });
      const ways = [this.pool, this.outbound].map(
        (pool) =>
          new LbOutboundRule(this, `${pool.node.id}_out`, {
            name: `${pool.node.id}-out`,
            loadbalancerId: made.id,
            protocol: 'All',
            backendAddressPoolId: pool.id,
            frontendIpConfiguration: [{ name: FRONTEND }],
            allocatedOutboundPorts: portsOut(site),
            enableTcpReset: true,
          }),
      );
      this.ready = [this.rule, ...ways];
    }
  }
}

/**
 * An address has 64,000 ports for all that share it, given out in eights; no machine needs more than a thousand.
 * @see https://learn.microsoft.com/azure/load-balancer/outbound-rules
 */
function portsOut({ compute, database }: Pick<Site, 'compute' | 'database'>): number {
  const machines = compute.active.most + (database?.kind === 'machines' ? database.count : 0);
  return Math.min(1024, Math.floor(64_000 / machines / 8) * 8);
}
