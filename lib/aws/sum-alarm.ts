import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Metrics of one alarm at most: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html */
export const MOST_METRICS = 10;

const PERIOD = Duration.minutes(5);

export interface Counted {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface SumAlarmProps {
  readonly description: string;
  /** What the sum is, for whoever looks at its graph. */
  readonly label: string;
  /** What is counted, by names of the expression: at most `MOST_METRICS`. */
  readonly counted: Readonly<Record<string, Counted>>;
  readonly topic: ITopic;
}

/** An alarm as soon as any of several counts is above nothing. */
export function addSumAlarm(scope: Construct, id: string, { description, label, counted, topic }: SumAlarmProps): void {
  const metrics = Object.entries(counted).map(
    ([name, { dimensions: dimensionsMap, ...of }]) =>
      [name, new Metric({ ...of, dimensionsMap, period: PERIOD, statistic: 'Sum' })] as const,
  );
  const [only] = metrics;
  const alarm = new Alarm(scope, id, {
    alarmDescription: description,
    metric:
      metrics.length === 1 && only
        ? only[1]
        : new MathExpression({
            // What lacks counts as 0 in a sum. Filled by hand, a number that comes late would never be looked at again:
            // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
            expression: metrics.map(([name]) => name).join(' + '),
            label,
            usingMetrics: Object.fromEntries(metrics),
            period: PERIOD,
          }),
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 3,
    datapointsToAlarm: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
}
