import { LogicAppActionCustom } from '@cdktf/provider-azurerm/lib/logic-app-action-custom';
import { LogicAppTriggerRecurrence } from '@cdktf/provider-azurerm/lib/logic-app-trigger-recurrence';
import { LogicAppWorkflow } from '@cdktf/provider-azurerm/lib/logic-app-workflow';
import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { Construct } from 'constructs';
import type { ITerraformDependable } from '../../terraform';
import type { Recurrence } from '../recurrence';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteOperator } from './operator';
import type { Step } from './steps';

export type SiteTrigger =
  | { readonly kind: 'recurrence'; readonly recurrence: Recurrence }
  /** Somebody, or another flow, asks. */
  | { readonly kind: 'asked' };

export interface SiteWorkflowProps {
  readonly frame: SiteFrame;
  /** What it does, as the end of its name. */
  readonly does: string;
  readonly steps: readonly Step[];
  readonly trigger: SiteTrigger;
  readonly operator: SiteOperator;
  readonly workspaceId: string;
  /** What has to be there before it starts. @default - nothing beside the rights of its operator */
  readonly after?: readonly ITerraformDependable[];
}

/**
 * A flow that is asked has a time that never comes: who may run its trigger runs it as itself. A trigger that takes
 * requests has an address that is a key, which would lie in the state of Terraform.
 * @see https://learn.microsoft.com/rest/api/logic/workflow-triggers/run
 */
const NEVER: Recurrence = { frequency: 'Day', interval: 1, startTime: '2099-01-01T00:00:00Z' };

/** Name of the trigger of a flow that is asked. */
export const ASKED = 'asked';

/** A Logic App of a site: its steps in the order in which they are made, and last what starts it. */
export class SiteWorkflow extends Construct {
  readonly workflow: LogicAppWorkflow;
  /** Whole, so that it may be asked. */
  readonly ready: ITerraformDependable;

  constructor(scope: Construct, id: string, props: SiteWorkflowProps) {
    super(scope, id);
    const { frame, does, steps, trigger, operator } = props;
    this.workflow = new LogicAppWorkflow(this, 'Resource', {
      ...placeOf(frame),
      name: `${frame.site.prefix}-${does}`,
      identity: { type: 'UserAssigned', identityIds: [operator.id] },
    });
    let before: LogicAppActionCustom | undefined;
    for (const [name, action] of steps) {
      before = new LogicAppActionCustom(this, `do_${name}`, {
        name,
        logicAppId: this.workflow.id,
        body: JSON.stringify(action),
        dependsOn: before ? [before] : [],
      });
    }
    const dependsOn = [...(before ? [before] : []), ...operator.grants, ...(props.after ?? [])];
    const { schedule, ...recurrence } = trigger.kind === 'recurrence' ? trigger.recurrence : NEVER;
    this.ready = new LogicAppTriggerRecurrence(this, 'trigger', {
      name: trigger.kind === 'recurrence' ? 'On_time' : ASKED,
      logicAppId: this.workflow.id,
      ...recurrence,
      ...(schedule && { schedule }),
      dependsOn,
    });
    new MonitorDiagnosticSetting(this, 'log', {
      name: 'runs',
      targetResourceId: this.workflow.id,
      logAnalyticsWorkspaceId: props.workspaceId,
      enabledLog: [{ category: 'WorkflowRuntime' }],
    });
  }
}
