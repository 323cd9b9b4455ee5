import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone';
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint';
import type { Construct } from 'constructs';
import type { AzureTaskStore } from '../../contract/azure-tasks';
import type { ITerraformDependable } from '../../terraform';
import { resourceId } from '../resource-id';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';

export interface StoreEndpointsProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly stores: readonly Pick<AzureTaskStore, 'account' | 'resourceGroup'>[];
}

/**
 * The way of a site's database machines to accounts of backups, which are closed to every network that is not let in: each
 * has an endpoint in that of the site.
 * @see https://learn.microsoft.com/azure/storage/common/storage-private-endpoints
 * @returns what has to be there before anybody goes that way
 */
export function addStoreEndpoints(
  scope: Construct,
  { frame, network, stores }: StoreEndpointsProps,
): readonly ITerraformDependable[] {
  const { group } = frame;
  const zone = new PrivateDnsZone(scope, 'zone', {
    name: 'privatelink.blob.core.windows.net',
    resourceGroupName: group.name,
  });
  const link = new PrivateDnsZoneVirtualNetworkLink(scope, 'zone_link', {
    name: 'site',
    resourceGroupName: group.name,
    privateDnsZoneName: zone.name,
    virtualNetworkId: network.network.id,
    // Accounts of others that have endpoints elsewhere go on being found by their public address.
    resolutionPolicy: 'NxDomainRedirect',
  });
  const accounts = new Map(stores.map((store) => [store.account, store.resourceGroup]));
  const endpoints = [...accounts].map(
    ([account, resourceGroup]) =>
      new PrivateEndpoint(scope, `endpoint_${account}`, {
        ...placeOf(frame),
        name: `pe-${account}`,
        subnetId: network.database.id,
        privateServiceConnection: {
          name: account,
          privateConnectionResourceId: resourceId(scope, resourceGroup, `Microsoft.Storage/storageAccounts/${account}`),
          subresourceNames: ['blob'],
          isManualConnection: false,
        },
        privateDnsZoneGroup: { name: 'blob', privateDnsZoneIds: [zone.id] },
      }),
  );
  return [link, ...endpoints];
}
