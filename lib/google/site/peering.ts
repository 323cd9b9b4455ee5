import { ComputeGlobalAddress } from '@cdktf/provider-google/lib/compute-global-address';
import { ServiceNetworkingConnection } from '@cdktf/provider-google/lib/service-networking-connection';
import { Construct } from 'constructs';
import { nodeComment } from '../../terraform';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';
import { SERVICES_PREFIX, siteRanges } from './ranges';

export interface ServicePeeringProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
}

/**
 * How a managed database gets into the network of a site: Google's own network of it is peered, with addresses out of the
 * site's range, so that two sites never have the same.
 * @see https://cloud.google.com/sql/docs/postgres/configure-private-services-access
 */
export class ServicePeering extends Construct {
  readonly connection: ServiceNetworkingConnection;

  constructor(scope: Construct, id: string, { frame, network }: ServicePeeringProps) {
    super(scope, id);
    const { site } = frame;
    const range = new ComputeGlobalAddress(this, 'range', {
      name: `${site.prefix}-services`,
      purpose: 'VPC_PEERING',
      addressType: 'INTERNAL',
      address: siteRanges(site.network.cidr).services,
      prefixLength: SERVICES_PREFIX,
      network: network.network.id,
    });
    nodeComment(range, [site.network.id]);
    this.connection = new ServiceNetworkingConnection(this, 'Resource', {
      network: network.network.id,
      service: 'servicenetworking.googleapis.com',
      reservedPeeringRanges: [range.name],
      // The service keeps its half for days after the last database; a destroy would fail on it until then.
      deletionPolicy: 'ABANDON',
      dependsOn: frame.services,
    });
  }
}
