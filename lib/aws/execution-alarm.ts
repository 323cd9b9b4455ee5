import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

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
    const metrics = machines.flatMap((arn, machine) =>
      WAYS.map((metricName, way): readonly [string, IMetric] => [`m${machine}${way}`, metricOf(arn, metricName)]),
    );
    const alarm = new Alarm(this, 'Resource', {
      alarmDescription:
        'Executions of backup tasks failed, timed out, were stopped or throttled: one that no message tells of ended without a word',
      metric: new MathExpression({
        // What never happened has no number.
        expression: metrics.map(([name]) => `FILL(${name}, 0)`).join(' + '),
        label: 'executions that did not end as planned',
        usingMetrics: Object.fromEntries(metrics),
        period: PERIOD,
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}

const PERIOD = Duration.minutes(5);

function metricOf(StateMachineArn: string, metricName: (typeof WAYS)[number]): Metric {
  return new Metric({
    namespace: 'AWS/States',
    metricName,
    dimensionsMap: { StateMachineArn },
    period: PERIOD,
    statistic: 'Sum',
  });
}
