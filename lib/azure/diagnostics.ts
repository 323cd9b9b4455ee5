import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { Construct } from 'constructs';
import type { AzureStack } from '../contract/azure-storage';
import { nodeComment } from '../terraform';
import type { BackupStore } from './store';

export interface DiagnosticsProps {
  readonly logs: AzureStack['logs'];
  readonly group: ResourceGroup;
  /** Stores whose requests are logged. */
  readonly stores: readonly BackupStore[];
}

/**
 * Who read, wrote and deleted which blob, and how many requests there were, in one workspace.
 * @see https://learn.microsoft.com/azure/storage/blobs/monitor-blob-storage
 */
export class Diagnostics extends Construct {
  readonly workspace: LogAnalyticsWorkspace;

  constructor(scope: Construct, id: string, props: DiagnosticsProps) {
    super(scope, id);
    const { logs, group, stores } = props;

    this.workspace = new LogAnalyticsWorkspace(this, 'Resource', {
      name: logs.workspace,
      resourceGroupName: group.name,
      location: group.location,
      sku: 'PerGB2018',
      retentionInDays: logs.retentionDays,
    });
    nodeComment(this.workspace, [logs.id]);

    for (const store of stores) {
      const setting = new MonitorDiagnosticSetting(this, store.node.id, {
        name: 'backup-requests',
        // Requests are those of the blob service, a child of the account that has no resource of its own.
        targetResourceId: `${store.account.id}/blobServices/default`,
        logAnalyticsWorkspaceId: this.workspace.id,
        enabledLog: [{ category: 'StorageDelete' }, { category: 'StorageRead' }, { category: 'StorageWrite' }],
        enabledMetric: [{ category: 'Transaction' }],
      });
      nodeComment(setting, [logs.id]);
    }
  }
}
