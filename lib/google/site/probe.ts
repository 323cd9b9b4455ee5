import { ComputeHealthCheck } from '@cdktf/provider-google/lib/compute-health-check';
import { ComputeRegionHealthCheck } from '@cdktf/provider-google/lib/compute-region-health-check';
import { Construct } from 'constructs';
import type { SiteFrame } from './frame';

export interface SiteProbeProps {
  readonly frame: SiteFrame;
}

/** Two looks that say no, seconds apart: as fast as a probe may be without taking a pause for an end. */
const LOOK = { checkIntervalSec: 10, timeoutSec: 5, healthyThreshold: 2 } as const;

/**
 * How a machine of the application is asked whether it answers: by the balancer, which passes it over, and by the group,
 * which makes it anew, and is slower to say so.
 */
export class SiteProbe extends Construct {
  readonly balancing: ComputeRegionHealthCheck;
  readonly healing: ComputeHealthCheck;

  constructor(scope: Construct, id: string, { frame }: SiteProbeProps) {
    super(scope, id);
    const { site, services } = frame;
    const { port, healthPath } = site.balancer;
    const how =
      healthPath === undefined ? { tcpHealthCheck: { port } } : { httpsHealthCheck: { port, requestPath: healthPath } };
    this.balancing = new ComputeRegionHealthCheck(this, 'balancing', {
      ...LOOK,
      ...how,
      name: `${site.prefix}-balancing`,
      region: site.region,
      unhealthyThreshold: 2,
      dependsOn: services,
    });
    this.healing = new ComputeHealthCheck(this, 'healing', {
      ...LOOK,
      ...how,
      name: `${site.prefix}-healing`,
      checkIntervalSec: 30,
      unhealthyThreshold: 5,
      dependsOn: services,
    });
  }
}
