import { ComputeAddress } from '@cdktf/provider-google/lib/compute-address';
import { ComputeForwardingRule } from '@cdktf/provider-google/lib/compute-forwarding-rule';
import { ComputeRegionBackendService } from '@cdktf/provider-google/lib/compute-region-backend-service';
import { Construct } from 'constructs';
import { nodeComment } from '../../terraform';
import type { SiteCompute } from './compute';
import type { SiteFrame } from './frame';
import type { SiteProbe } from './probe';

export interface SiteBalancerProps {
  readonly frame: SiteFrame;
  readonly compute: SiteCompute;
  readonly probe: SiteProbe;
}

/** Connections of a machine that leaves have so long to end. */
const DRAIN_SECONDS = 60;

/**
 * The public address of a site, of which one port leads to its machines, packet by packet. TLS ends there. The address
 * stays: names lead to it, and whoever is let through somewhere by it.
 * @see https://cloud.google.com/load-balancing/docs/network/networklb-backend-service
 */
export class SiteBalancer extends Construct {
  readonly address: ComputeAddress;
  readonly backend: ComputeRegionBackendService;

  constructor(scope: Construct, id: string, { frame, compute, probe }: SiteBalancerProps) {
    super(scope, id);
    const { prefix, region, balancer } = frame.site;
    this.address = new ComputeAddress(this, 'address', {
      name: prefix,
      region,
      addressType: 'EXTERNAL',
      dependsOn: frame.services,
    });
    this.backend = new ComputeRegionBackendService(this, 'Resource', {
      name: prefix,
      region,
      protocol: 'TCP',
      loadBalancingScheme: 'EXTERNAL',
      healthChecks: [probe.balancing.id],
      connectionDrainingTimeoutSec: DRAIN_SECONDS,
      backend: [{ group: compute.group.instanceGroup, balancingMode: 'CONNECTION' }],
    });
    nodeComment(this.backend, [balancer.id]);
    const rule = new ComputeForwardingRule(this, 'rule', {
      name: prefix,
      region,
      ipAddress: this.address.id,
      ipProtocol: 'TCP',
      loadBalancingScheme: 'EXTERNAL',
      ports: [String(balancer.port)],
      backendService: this.backend.id,
    });
    nodeComment(rule, [balancer.id]);
  }
}
