import { ContainerAppEnvironment } from '@cdktf/provider-azurerm/lib/container-app-environment';
import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { Construct } from 'constructs';
import type { AzureSharedTasks } from '../contract/azure-tasks';
import { nodeComment } from '../terraform';
import { TaskNetwork } from './network';

export interface TaskEnvironmentProps {
  readonly plan: AzureSharedTasks;
  readonly group: ResourceGroup;
}

/** What the log of a run tells is of use for as long as the longest usual audit looks back. */
const LOG_DAYS = 365;

/** Where containers run, reached by nobody, and the log that all of them write. */
export class TaskEnvironment extends Construct {
  readonly workspace: LogAnalyticsWorkspace;
  readonly environment: ContainerAppEnvironment;

  constructor(scope: Construct, id: string, { plan, group }: TaskEnvironmentProps) {
    super(scope, id);
    const where = { resourceGroupName: group.name, location: group.location };
    this.workspace = new LogAnalyticsWorkspace(this, 'log', {
      ...where,
      name: plan.names.workspace,
      sku: 'PerGB2018',
      retentionInDays: LOG_DAYS,
    });
    const network =
      plan.network.kind === 'isolated'
        ? new TaskNetwork(this, 'network', { plan, network: plan.network, group })
        : undefined;
    this.environment = new ContainerAppEnvironment(this, 'Resource', {
      ...where,
      name: plan.names.environment,
      logsDestination: 'log-analytics',
      logAnalyticsWorkspaceId: this.workspace.id,
      infrastructureSubnetId: plan.network.kind === 'existing' ? plan.network.subnet : network?.subnetId,
      internalLoadBalancerEnabled: true,
      workloadProfile: [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
      dependsOn: [...(network?.ready ?? [])],
    });
    nodeComment(this.environment, [plan.id, ...(network ? [] : [plan.network.id])]);
  }
}
