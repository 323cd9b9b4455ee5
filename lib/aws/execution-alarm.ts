import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { addSumAlarm } from './sum-alarm';
import type { Counted } from './sum-alarm';

export interface ExecutionAlarmProps {
  /** ARNs of the state machines, two at most: an alarm takes ten metrics, and each has four. */
  readonly machines: readonly string[];
  readonly topic: ITopic;
}

/**
 * Ways in which an execution does not come to its own end, or is held up.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
const WAYS = ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted', 'ExecutionThrottled'] as const;

/**
 * Tells that executions ended as nobody planned. A state machine tells of a run that failed by itself; one that somebody
 * stopped, or that the service ended where nothing is caught (a path that is not there, a state that is too large, too
 * long a history), has nobody who tells. What a machine told counts here once more: the service counts both as one.
 */
export class ExecutionAlarm extends Construct {
  constructor(scope: Construct, id: string, { machines, topic }: ExecutionAlarmProps) {
    super(scope, id);
    const counted = machines.flatMap((StateMachineArn, machine) =>
      WAYS.map((metricName, way) => [
        `m${machine}${way}`,
        { namespace: 'AWS/States', metricName, dimensions: { StateMachineArn } },
      ]),
    );
    addSumAlarm(this, 'Resource', {
      description:
        'Executions of backup tasks failed, timed out, were stopped or throttled: one that no message tells of ended without a word',
      label: 'executions that did not end as planned',
      counted: Object.fromEntries(counted) as Readonly<Record<string, Counted>>,
      topic,
    });
  }
}
