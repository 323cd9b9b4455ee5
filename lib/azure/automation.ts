import { AutomationAccount } from '@cdktf/provider-azurerm/lib/automation-account';
import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { Construct } from 'constructs';
import type { AzureTaskShard } from '../contract/azure-tasks';
import { automationName } from './task';

export interface HostAutomationProps {
  readonly plan: Pick<AzureTaskShard, 'names' | 'location' | 'shardName'>;
  readonly workspaceId: string;
}

/** The account of Azure Automation by which hosts are reached: they ask it, and nothing of it reaches them. */
export class HostAutomation extends Construct {
  readonly account: AutomationAccount;

  constructor(scope: Construct, id: string, { plan, workspaceId }: HostAutomationProps) {
    super(scope, id);
    this.account = new AutomationAccount(this, 'Resource', {
      name: automationName(plan.shardName),
      resourceGroupName: plan.names.resourceGroup,
      location: plan.location,
      skuName: 'Basic',
      localAuthenticationEnabled: false,
      identity: { type: 'SystemAssigned' },
    });
    new MonitorDiagnosticSetting(this, 'log', {
      name: 'jobs',
      targetResourceId: this.account.id,
      logAnalyticsWorkspaceId: workspaceId,
      enabledLog: [{ category: 'JobLogs' }, { category: 'JobStreams' }],
    });
  }
}
