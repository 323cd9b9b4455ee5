import type { RunEvent } from './event';

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

/** The text format for a node exporter's textfile collector: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function toPrometheus(event: RunEvent): string {
  const labels = `{task="${escape(event.task)}",engine="${escape(event.engine)}",type="${escape(event.type)}"}`;
  const lines = METRICS.flatMap(([name, , read]) => {
    const metric = `hypnoscript_${name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()}`;
    return [`# TYPE ${metric} gauge`, `${metric}${labels} ${read(event)}`];
  });
  const time = 'hypnoscript_backup_timestamp_seconds';
  return [...lines, `# TYPE ${time} gauge`, `${time}${labels} ${Math.floor(event.at.getTime() / 1000)}`, ''].join('\n');
}

function escape(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
