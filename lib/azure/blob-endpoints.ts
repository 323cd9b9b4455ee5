import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone';
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint';
import type { Construct } from 'constructs';
import type { AzureTaskStore } from '../contract/azure-tasks';
import type { ITerraformDependable } from '../terraform';
import { resourceId } from './resource-id';

export interface BlobEndpointsProps {
  readonly where: { readonly resourceGroupName: string; readonly location: string };
  readonly virtualNetworkId: string;
  /** Subnet of the network in which the endpoints are. */
  readonly subnetId: string;
  /** Name of the link of the zone with the network. */
  readonly link: string;
  /** The accounts; one that is there twice has one endpoint. */
  readonly stores: readonly Pick<AzureTaskStore, 'account' | 'resourceGroup'>[];
}

/**
 * The way of a network to accounts of backups, which are closed to every network that is not let in: each has an endpoint
 * in it, and its name leads there.
 * @see https://learn.microsoft.com/azure/storage/common/storage-private-endpoints
 * @returns what has to be there before anybody goes that way
 */
export function addBlobEndpoints(
  scope: Construct,
  { where, virtualNetworkId, subnetId, link, stores }: BlobEndpointsProps,
): readonly ITerraformDependable[] {
  const zone = new PrivateDnsZone(scope, 'zone', {
    name: 'privatelink.blob.core.windows.net',
    resourceGroupName: where.resourceGroupName,
  });
  const linked = new PrivateDnsZoneVirtualNetworkLink(scope, 'zone_link', {
    name: link,
    resourceGroupName: where.resourceGroupName,
    privateDnsZoneName: zone.name,
    virtualNetworkId,
    // Accounts of others that have endpoints elsewhere go on being found by their public address.
    resolutionPolicy: 'NxDomainRedirect',
  });
  const accounts = new Map(stores.map((store) => [store.account, store.resourceGroup]));
  const endpoints = [...accounts].map(
    ([account, resourceGroup]) =>
      new PrivateEndpoint(scope, `endpoint_${account}`, {
        ...where,
        name: `pe-${account}`,
        subnetId,
        privateServiceConnection: {
          name: account,
          privateConnectionResourceId: resourceId(scope, resourceGroup, `Microsoft.Storage/storageAccounts/${account}`),
          subresourceNames: ['blob'],
          isManualConnection: false,
        },
        privateDnsZoneGroup: { name: 'blob', privateDnsZoneIds: [zone.id] },
      }),
  );
  return [linked, ...endpoints];
}
