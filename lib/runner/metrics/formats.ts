import type { RunEvent } from './event';
import { prometheusGauges } from './prometheus';

/** Metric names of the namespace, with CloudWatch's units. */
const METRICS = [
  ['BackupSuccess', 'Count', (event: RunEvent) => event.success],
  ['BackupDegraded', 'Count', (event: RunEvent) => event.degraded],
  ['BackupDurationSeconds', 'Seconds', (event: RunEvent) => event.durationSeconds],
  ['BackupSizeBytes', 'Bytes', (event: RunEvent) => event.bytesStored],
  ['BackupReadBytes', 'Bytes', (event: RunEvent) => event.bytesIn],
  ['CompressionRatio', 'None', (event: RunEvent) => event.compressionRatio],
  ['BackupEncrypted', 'Count', (event: RunEvent) => event.encrypted],
  ['BackupStores', 'Count', (event: RunEvent) => event.stores],
] as const;

const NAMESPACE = 'HypnoScript/Backup';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export function toEmf(event: RunEvent): string {
  return JSON.stringify({
    _aws: {
      Timestamp: event.at.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: [['Task', 'Engine', 'Type']],
          Metrics: METRICS.map(([Name, Unit]) => ({ Name, Unit })),
        },
      ],
    },
    Task: event.task,
    Engine: event.engine,
    Type: event.type,
    ...Object.fromEntries(METRICS.map(([name, , read]) => [name, read(event)])),
  });
}

/** One line of JSON that Azure Monitor's and Cloud Logging's agents read; `severity` is Cloud Logging's own key. */
export function toStructuredLog(event: RunEvent): string {
  return JSON.stringify({
    severity: event.success === 0 ? 'ERROR' : event.degraded === 1 ? 'WARNING' : 'INFO',
    time: event.at.toISOString(),
    message: `backup of ${event.task} ${event.success === 1 ? 'stored' : 'failed'}`,
    event: 'backup_metrics',
    labels: { task: event.task, engine: event.engine, type: event.type },
    metrics: Object.fromEntries(METRICS.map(([name, , read]) => [name, read(event)])),
  });
}

/** The text format for a node exporter's textfile collector. */
export function toPrometheus(event: RunEvent): string {
  const labels = { Task: event.task, Engine: event.engine, Type: event.type };
  return prometheusGauges([
    ...METRICS.map(([name, , read]) => ({ name, labels, value: read(event) })),
    { name: 'BackupTimestampSeconds', labels, value: Math.floor(event.at.getTime() / 1000) },
  ]);
}
