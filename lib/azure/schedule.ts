import { LogicAppActionCustom } from '@cdktf/provider-azurerm/lib/logic-app-action-custom';
import { LogicAppTriggerRecurrence } from '@cdktf/provider-azurerm/lib/logic-app-trigger-recurrence';
import { LogicAppWorkflow } from '@cdktf/provider-azurerm/lib/logic-app-workflow';
import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { Construct } from 'constructs';
import type { AzureTaskFlow, AzureTaskShard } from '../contract/azure-tasks';
import { nodeComment } from '../terraform';
import { recurrenceOf } from './recurrence';
import type { FlowActions } from './task-flow';

export interface TaskScheduleProps {
  readonly plan: Pick<AzureTaskShard, 'names' | 'location'>;
  readonly flow: AzureTaskFlow;
  readonly actions: FlowActions;
  /** What it starts and looks at, by a name that stays, with the role that lets it. */
  readonly starts: Readonly<Record<string, string>>;
  readonly starterRoleId: string;
  readonly workspaceId: string;
}

/** A Logic App that starts at the times of the spec's zone, as itself, and may start nothing but these jobs. */
export class TaskSchedule extends Construct {
  constructor(scope: Construct, id: string, props: TaskScheduleProps) {
    super(scope, id);
    const { plan, flow } = props;
    const workflow = new LogicAppWorkflow(this, 'Resource', {
      name: flow.name,
      resourceGroupName: plan.names.resourceGroup,
      location: plan.location,
      identity: { type: 'SystemAssigned' },
    });
    nodeComment(workflow, [flow.id]);
    const grants = Object.entries(props.starts).map(
      ([name, jobId]) =>
        new RoleAssignment(this, `start_${name}`, {
          scope: jobId,
          roleDefinitionId: props.starterRoleId,
          principalId: workflow.identity.principalId,
          principalType: 'ServicePrincipal',
          skipServicePrincipalAadCheck: true,
        }),
    );
    let before: LogicAppActionCustom | undefined;
    for (const [name, action] of props.actions) {
      before = new LogicAppActionCustom(this, `do_${name}`, {
        name,
        logicAppId: workflow.id,
        body: JSON.stringify(action),
        dependsOn: before ? [before] : [],
      });
    }
    // Last: what it starts is whole then.
    const { schedule, ...recurrence } = recurrenceOf(flow.schedule, flow.windowsZone);
    new LogicAppTriggerRecurrence(this, 'trigger', {
      name: 'On_time',
      logicAppId: workflow.id,
      ...recurrence,
      ...(schedule && { schedule }),
      dependsOn: [...(before ? [before] : []), ...grants],
    });
    new MonitorDiagnosticSetting(this, 'log', {
      name: 'runs',
      targetResourceId: workflow.id,
      logAnalyticsWorkspaceId: props.workspaceId,
      enabledLog: [{ category: 'WorkflowRuntime' }],
    });
  }
}
