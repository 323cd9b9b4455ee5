import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AwsSharedTasks } from '../contract/aws-tasks';
import { physicalName } from './bucket-name';

export type ReplicationWatch = AwsSharedTasks['replications'][number];

export interface ReplicationAlarmProps {
  readonly replication: ReplicationWatch;
  readonly topic: ITopic;
}

/** Metrics of one alarm at most: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html */
const MOST_METRICS = 10;
const PERIOD = Duration.minutes(5);

/**
 * Tells that objects of a bucket could not be replicated: S3 does not try them again, and the copy has a hole until Batch
 * Replication fills it. S3 counts that by rule, where the metrics of the rule are on, whether it is timed or not.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
 */
export class ReplicationAlarm extends Construct {
  constructor(scope: Construct, id: string, { replication, topic }: ReplicationAlarmProps) {
    super(scope, id);
    const { source, rules } = replication;
    const parts = Array.from({ length: Math.ceil(rules.length / MOST_METRICS) }, (_, part) =>
      rules.slice(part * MOST_METRICS, (part + 1) * MOST_METRICS),
    );
    for (const [part, some] of parts.entries()) {
      const metrics = some.map((rule, index) => [`r${index}`, this.#metric(source, rule)] as const);
      const alarm = new Alarm(this, part === 0 ? 'Resource' : `part${part + 1}`, {
        alarmDescription: `Objects of ${source.name} could not be replicated, and are not tried again: the output Command of its stack fills the holes`,
        metric: new MathExpression({
          // A rule that never failed has no number.
          expression: metrics.map(([name]) => `FILL(${name}, 0)`).join(' + '),
          label: 'operations that failed',
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

  #metric(source: ReplicationWatch['source'], { name, destination }: ReplicationWatch['rules'][number]): Metric {
    const { account } = Stack.of(this);
    const physical = (bucket: ReplicationWatch['source']) => physicalName({ account, ...bucket });
    return new Metric({
      namespace: 'AWS/S3',
      metricName: 'OperationsFailedReplication',
      dimensionsMap: { SourceBucket: physical(source), DestinationBucket: physical(destination), RuleId: name },
      period: PERIOD,
      statistic: 'Sum',
    });
  }
}
