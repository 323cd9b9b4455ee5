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
    const environment = (one: string, name: string, subnetId: string | undefined) =>
      new ContainerAppEnvironment(this, one, {
        ...where,
        name,
        logsDestination: 'log-analytics',
        logAnalyticsWorkspaceId: this.workspace.id,
        infrastructureSubnetId: subnetId,
        internalLoadBalancerEnabled: true,
        workloadProfile: [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
        // The service names a group of its own, and the provider would replace the environment of all jobs for that name.
        // https://github.com/hashicorp/terraform-provider-azurerm/issues/27481
        lifecycle: { ignoreChanges: ['infrastructure_resource_group_name'] },
        dependsOn: [...(network?.ready ?? [])],
      });
    const { names } = plan;
    const subnetId = plan.network.kind === 'existing' ? plan.network.subnet : network?.subnetId;
    this.environment = environment('Resource', names.environment, subnetId);
    nodeComment(this.environment, [plan.id, ...(network ? [] : [plan.network.id])]);
    // One that reads other clouds has a way out that the rest has not.
    if (network?.copySubnetId !== undefined) {
      nodeComment(environment('copies', names.copyEnvironment, network.copySubnetId), [plan.id]);
    }
  }
}
