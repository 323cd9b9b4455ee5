import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone';
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { Construct } from 'constructs';
import type { AzureTaskStore } from '../../contract/azure-tasks';
import { escapeTemplate, type ITerraformDependable } from '../../terraform';
import { renderCondition } from '../condition';
import { addReaderRole } from '../copy-reader';
import { containerId, resourceId } from '../resource-id';
import { readerRights } from '../rights';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteIdentity } from './identity';
import type { SiteNetwork } from './network';

/** A container with backups, and the data sets that are restored from there. */
export interface RestoredStore extends Pick<AzureTaskStore, 'account' | 'resourceGroup' | 'container' | 'prefixes'> {
  readonly dataSets: readonly string[];
}

export interface RestoreAccessProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly identity: SiteIdentity;
  readonly stores: readonly RestoredStore[];
}

/**
 * How a machine that restores gets to backups: it reads what its data sets stored and their ledgers, and nothing else.
 * Accounts of backups are closed to every network that is not let in, so each has an endpoint in that of the site.
 * @see https://learn.microsoft.com/azure/storage/common/storage-private-endpoints
 */
export class RestoreAccess extends Construct {
  /** What has to be there before a restore. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, network, identity, stores }: RestoreAccessProps) {
    super(scope, id);
    const { site, group } = frame;
    const role = addReaderRole(this, `${site.prefix} restores`);
    const grants = stores.map(
      (store) =>
        new RoleAssignment(this, `reads_${store.account}_${store.container}`, {
          scope: containerId(this, store),
          roleDefinitionId: role.roleDefinitionResourceId,
          principalId: identity.principalId,
          principalType: 'ServicePrincipal',
          skipServicePrincipalAadCheck: true,
          condition: escapeTemplate(renderCondition(readerRights(store))),
          conditionVersion: '2.0',
        }),
    );
    const zone = new PrivateDnsZone(this, 'zone', {
      name: 'privatelink.blob.core.windows.net',
      resourceGroupName: group.name,
    });
    const link = new PrivateDnsZoneVirtualNetworkLink(this, 'zone_link', {
      name: 'site',
      resourceGroupName: group.name,
      privateDnsZoneName: zone.name,
      virtualNetworkId: network.network.id,
    });
    const accounts = new Map(stores.map((store) => [store.account, store.resourceGroup]));
    const endpoints = [...accounts].map(
      ([account, resourceGroup]) =>
        new PrivateEndpoint(this, `endpoint_${account}`, {
          ...placeOf(frame),
          name: `pe-${account}`,
          subnetId: network.database.id,
          privateServiceConnection: {
            name: account,
            privateConnectionResourceId: resourceId(
              this,
              resourceGroup,
              `Microsoft.Storage/storageAccounts/${account}`,
            ),
            subresourceNames: ['blob'],
            isManualConnection: false,
          },
          privateDnsZoneGroup: { name: 'blob', privateDnsZoneIds: [zone.id] },
        }),
    );
    this.ready = [...grants, link, ...endpoints];
  }
}
