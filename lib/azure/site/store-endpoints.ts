import type { Construct } from 'constructs';
import type { ITerraformDependable } from '../../terraform';
import { addBlobEndpoints } from '../blob-endpoints';
import type { BlobEndpointsProps } from '../blob-endpoints';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';

export interface SiteEndpointsProps extends Pick<BlobEndpointsProps, 'stores'> {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
}

/** The way of a site's database machines to accounts of backups. */
export function siteEndpoints(
  scope: Construct,
  { frame, network, stores }: SiteEndpointsProps,
): readonly ITerraformDependable[] {
  return addBlobEndpoints(scope, {
    where: placeOf(frame),
    virtualNetworkId: network.network.id,
    subnetId: network.database.id,
    link: 'site',
    stores,
  });
}
