import type { RestoreRecord } from '../../contract';
import { prometheusGauges } from './prometheus';

const NAMESPACE = 'HypnoScript/Backup';

interface Measure {
  readonly name: 'TestRestoreSuccess' | 'RtoAchievedSeconds' | 'RpoAchievedSeconds';
  readonly unit: 'Count' | 'Seconds';
  readonly value: number;
}

/** What was not achieved has no number. */
function measuresOf({ result, rtoAchievedSeconds, rpoAchievedSeconds }: RestoreRecord): readonly Measure[] {
  return [
    { name: 'TestRestoreSuccess', unit: 'Count', value: result === 'passed' ? 1 : 0 },
    ...(rtoAchievedSeconds === undefined
      ? []
      : [{ name: 'RtoAchievedSeconds', unit: 'Seconds', value: rtoAchievedSeconds } as const]),
    ...(rpoAchievedSeconds === undefined
      ? []
      : [{ name: 'RpoAchievedSeconds', unit: 'Seconds', value: rpoAchievedSeconds } as const]),
  ];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export function testRestoreToEmf(record: RestoreRecord, at: Date): string {
  const measures = measuresOf(record);
  const metrics = measures.map(({ name, unit }) => ({ Name: name, Unit: unit }));
  return JSON.stringify({
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [['Task']], Metrics: metrics }],
    },
    Task: record.task,
    ...valuesOf(measures),
  });
}

/** One line of JSON that Azure Monitor's and Cloud Logging's agents read; `severity` is Cloud Logging's own key. */
export function testRestoreToStructuredLog(record: RestoreRecord, at: Date): string {
  return JSON.stringify({
    severity: record.result === 'passed' ? 'INFO' : 'ERROR',
    time: at.toISOString(),
    message: `test restore of ${record.task} ${record.result}`,
    event: 'test_restore_metrics',
    labels: { task: record.task },
    metrics: valuesOf(measuresOf(record)),
  });
}

/** The text format for a node exporter's textfile collector. */
export function testRestoreToPrometheus(record: RestoreRecord, at: Date): string {
  const labels = { Task: record.task };
  return prometheusGauges([
    ...measuresOf(record).map(({ name, value }) => ({ name, labels, value })),
    { name: 'TestRestoreTimestampSeconds', labels, value: Math.floor(at.getTime() / 1000) },
  ]);
}

function valuesOf(measures: readonly Measure[]): Readonly<Record<string, number>> {
  return Object.fromEntries(measures.map(({ name, value }) => [name, value]));
}
