import { overdueSeconds } from '../age';
import type { TaskAges } from '../age';
import { prometheusGauges } from './prometheus';

const NAMESPACE = 'HypnoScript/Backup';

/** A gauge in seconds: one a task, type and store, and one a task that alarms look at. */
interface AgeGauge {
  readonly name: 'BackupAgeSeconds' | 'BackupOverdueSeconds';
  readonly labels: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** A type that was never backed up has no age: that the task is overdue says it. */
function gaugesOf(ages: TaskAges): readonly AgeGauge[] {
  const each = ages.ages.flatMap(({ store, type, ageSeconds }): AgeGauge[] =>
    ageSeconds === undefined
      ? []
      : [{ name: 'BackupAgeSeconds', labels: { Task: ages.task, Type: type, Store: store }, seconds: ageSeconds }],
  );
  return [...each, { name: 'BackupOverdueSeconds', labels: { Task: ages.task }, seconds: overdueSeconds(ages) }];
}

/**
 * Ages as lines of CloudWatch's embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function agesToEmf(ages: TaskAges, at: Date): readonly string[] {
  return gaugesOf(ages).map(({ name, labels, seconds }) => {
    const dimensions = Object.keys(labels);
    const metrics = [{ Namespace: NAMESPACE, Dimensions: [dimensions], Metrics: [{ Name: name, Unit: 'Seconds' }] }];
    return JSON.stringify({
      _aws: { Timestamp: at.getTime(), CloudWatchMetrics: metrics },
      ...labels,
      [name]: seconds,
    });
  });
}

/**
 * Ages as lines of JSON that Azure Monitor's and Cloud Logging's agents read. `severity` and `time` are Cloud Logging's
 * own keys: https://cloud.google.com/logging/docs/structured-logging
 */
export function agesToStructuredLog(ages: TaskAges, at: Date): readonly string[] {
  return gaugesOf(ages).map(({ name, labels, seconds }) =>
    JSON.stringify({
      severity: name === 'BackupOverdueSeconds' && seconds > 0 ? 'WARNING' : 'INFO',
      time: at.toISOString(),
      message: messageOf(name, labels, seconds),
      event: name === 'BackupOverdueSeconds' ? 'backup_overdue' : 'backup_age',
      labels: Object.fromEntries(Object.entries(labels).map(([label, value]) => [label.toLowerCase(), value])),
      metrics: { [name]: seconds },
    }),
  );
}

function messageOf(name: AgeGauge['name'], { Task, Type, Store }: AgeGauge['labels'], seconds: number): string {
  return name === 'BackupOverdueSeconds'
    ? `verified backups of ${Task} are ${seconds === 0 ? 'young enough' : `overdue by ${seconds} seconds`}`
    : `newest verified ${Type} backup of ${Task} in ${Store} is ${seconds} seconds old`;
}

/** The ages of all tasks as one text for a node exporter's textfile collector. */
export function agesToPrometheus(all: readonly TaskAges[], at: Date): string {
  const gauges = all.flatMap(gaugesOf).map(({ name, labels, seconds }) => ({ name, labels, value: seconds }));
  return prometheusGauges([
    ...gauges,
    { name: 'BackupAgeTimestampSeconds', labels: {}, value: Math.floor(at.getTime() / 1000) },
  ]);
}
