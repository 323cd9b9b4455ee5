import { NetworkWatcherFlowLog } from '@cdktf/provider-azurerm/lib/network-watcher-flow-log';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import type { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network';
import type { Construct } from 'constructs';
import { nodeComment } from '../../terraform';
import { input } from '../input';
import { accountName } from './account';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';

/** As long as an incident may go unnoticed. */
const DAYS = 90;

/**
 * Who talked to whom in the network of a site. The service writes with the account's own key (the provider knows no
 * identity for it), so it has an account of its own, where nothing else is.
 * @see https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
 */
export function addFlowLog(
  scope: Construct,
  { frame, network }: { readonly frame: SiteFrame; readonly network: VirtualNetwork },
): void {
  const { site } = frame;
  // Azure makes one in each location with the first network there, under this name; a subscription has one each.
  const watcher = input(scope, 'network_watcher', {
    type: 'object({ name = string, resource_group = string })',
    default: { name: `NetworkWatcher_${site.region}`, resource_group: 'NetworkWatcherRG' },
    description: `Network watcher of ${site.region}, as az network watcher list says it.`,
    checks: [],
  });
  const account = new StorageAccount(scope, 'flow_account', {
    ...placeOf(frame),
    name: accountName(site.prefix, 'flow'),
    accountKind: 'StorageV2',
    accountTier: 'Standard',
    accountReplicationType: 'LRS',
    minTlsVersion: 'TLS1_2',
    httpsTrafficOnlyEnabled: true,
    localUserEnabled: false,
    allowNestedItemsToBePublic: false,
    crossTenantReplicationEnabled: false,
    networkRules: { defaultAction: 'Deny', bypass: ['AzureServices'], ipRules: [] },
    lifecycle: { preventDestroy: true },
  });
  nodeComment(account, [site.network.id]);
  const log = new NetworkWatcherFlowLog(scope, 'flow_log', {
    networkWatcherName: `\${var.${watcher.friendlyUniqueId}.name}`,
    resourceGroupName: `\${var.${watcher.friendlyUniqueId}.resource_group}`,
    location: site.region,
    name: `${site.prefix}-flows`,
    targetResourceId: network.id,
    storageAccountId: account.id,
    enabled: true,
    version: 2,
    retentionPolicy: { enabled: true, days: DAYS },
  });
  nodeComment(log, [site.network.id]);
}
