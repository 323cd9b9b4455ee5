import { LogicAppActionCustom } from '@cdktf/provider-azurerm/lib/logic-app-action-custom';
import { LogicAppTriggerRecurrence } from '@cdktf/provider-azurerm/lib/logic-app-trigger-recurrence';
import { LogicAppWorkflow } from '@cdktf/provider-azurerm/lib/logic-app-workflow';
import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { Construct } from 'constructs';
import type { AzureTaskFlow, AzureTaskShard } from '../contract/azure-tasks';
import { nodeComment } from '../terraform';
import { recurrenceOf } from './recurrence';
import type { TaskStarter } from './starter';
import type { FlowActions } from './task-flow';

export interface TaskScheduleProps {
  readonly plan: Pick<AzureTaskShard, 'names' | 'location'>;
  readonly flow: AzureTaskFlow;
  readonly actions: FlowActions;
  readonly starter: TaskStarter;
  readonly workspaceId: string;
}

/** A Logic App that starts at the times of the spec's zone, as the one that may start jobs of tasks. */
export class TaskSchedule extends Construct {
  constructor(scope: Construct, id: string, props: TaskScheduleProps) {
    super(scope, id);
    const { plan, flow } = props;
    const workflow = new LogicAppWorkflow(this, 'Resource', {
      name: flow.name,
      resourceGroupName: plan.names.resourceGroup,
      location: plan.location,
      identity: { type: 'UserAssigned', identityIds: [props.starter.id] },
    });
    nodeComment(workflow, [flow.id]);
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
      dependsOn: [...(before ? [before] : []), props.starter.grant],
    });
    new MonitorDiagnosticSetting(this, 'log', {
      name: 'runs',
      targetResourceId: workflow.id,
      logAnalyticsWorkspaceId: props.workspaceId,
      enabledLog: [{ category: 'WorkflowRuntime' }],
    });
  }
}
