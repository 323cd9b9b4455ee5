import { MonitorDataCollectionRule } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule';
import { MonitorDataCollectionRuleAssociation } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule-association';
import { VirtualMachineExtension } from '@cdktf/provider-azurerm/lib/virtual-machine-extension';
import type { Construct } from 'constructs';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteIdentity } from './identity';
import type { SiteOperations } from './operations';
import type { SiteMachines } from './standby';

/** Machines that follow the primary, and as whom they ask. */
export interface FollowingMachines {
  readonly kind: 'machines';
  readonly machines: SiteMachines;
  readonly identity: SiteIdentity;
}

export interface MachineLinesProps {
  readonly frame: SiteFrame;
  readonly operations: SiteOperations;
  readonly follower: FollowingMachines;
}

/** What machines say in the system's log, by `cloud_metric`: Azure's agent carries it to the site's workspace. */
export function carryLines(
  scope: Construct,
  { frame, operations, follower: { machines, identity } }: MachineLinesProps,
): void {
  const { prefix } = frame.site;
  const rule = new MonitorDataCollectionRule(scope, 'lines', {
    ...placeOf(frame),
    name: `${prefix}-lines`,
    kind: 'Linux',
    dataSources: {
      syslog: [
        {
          name: 'database',
          facilityNames: ['local5'],
          logLevels: ['Info', 'Notice', 'Warning', 'Error', 'Critical', 'Alert', 'Emergency'],
          streams: ['Microsoft-Syslog'],
        },
      ],
    },
    destinations: { logAnalytics: [{ name: 'site', workspaceResourceId: operations.workspace.id }] },
    dataFlow: [{ streams: ['Microsoft-Syslog'], destinations: ['site'] }],
  });
  machines.machines.forEach((machine, index) => {
    const as = {
      authentication: { managedIdentity: { 'identifier-name': 'mi_res_id', 'identifier-value': identity.id } },
    };
    const agent = new VirtualMachineExtension(scope, `agent_${index + 1}`, {
      name: 'AzureMonitorLinuxAgent',
      virtualMachineId: machine.id,
      publisher: 'Microsoft.Azure.Monitor',
      type: 'AzureMonitorLinuxAgent',
      typeHandlerVersion: '1.33',
      autoUpgradeMinorVersion: true,
      automaticUpgradeEnabled: true,
      settings: JSON.stringify(as),
    });
    new MonitorDataCollectionRuleAssociation(scope, `carries_${index + 1}`, {
      name: 'lines',
      targetResourceId: machine.id,
      dataCollectionRuleId: rule.id,
      dependsOn: [agent],
    });
  });
}
