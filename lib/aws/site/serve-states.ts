import type { States } from '../machine-states';
import { task, until } from './activation-states';
import type { WorkflowNames } from './activation-states';

export interface Serving {
  /** Name of the group of machines. */
  readonly group: string;
  readonly targets: string;
  readonly least: number;
}

/** More machines, never fewer: who has more already needs them. Then they answer. From `Scale` on. */
export function serveStates(
  names: WorkflowNames,
  { group, targets, least }: Serving,
  { scaled, next, failed }: { readonly scaled: string; readonly next: string; readonly failed: string },
): States {
  const { partition } = names;
  return {
    Scale: task(partition, {
      call: 'autoscaling:describeAutoScalingGroups',
      parameters: { AutoScalingGroupNames: [group] },
      result: '$.group',
      next: 'Enough',
      failed,
    }),
    Enough: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.group.AutoScalingGroups[0].DesiredCapacity', NumericGreaterThanEquals: least, Next: scaled },
      ],
      Default: 'More',
    },
    More: task(partition, {
      call: 'autoscaling:setDesiredCapacity',
      parameters: { AutoScalingGroupName: group, DesiredCapacity: least, HonorCooldown: false },
      next: scaled,
      failed,
    }),
    ...until(names, {
      name: 'Ready',
      look: task(partition, {
        call: 'elasticloadbalancingv2:describeTargetHealth',
        parameters: { TargetGroupArn: targets },
        result: '$.health',
        next: 'ReadyCount',
        failed,
      }),
      seen: [{ Variable: '$.healthy', NumericGreaterThanEquals: least, Next: next }],
      failed,
    }),
    ReadyCount: {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output:
        "{% $merge([$states.input, {'healthy': $count($states.input.health.TargetHealthDescriptions[TargetHealth.State = 'healthy'])}]) %}",
      Next: 'ReadySeen',
    },
  };
}
