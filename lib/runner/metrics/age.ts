import { overdueSeconds } from '../age';
import type { TaskAges } from '../age';

const NAMESPACE = 'HypnoScript/Backup';

/**
 * Ages as lines of the embedded metric format: one a task, type and store, and one a task that alarms look at.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function agesToEmf(ages: TaskAges, at: Date): readonly string[] {
  const each = ages.ages.flatMap(({ store, type, ageSeconds }) =>
    ageSeconds === undefined
      ? []
      : [
          line(at, ['Task', 'Type', 'Store'], 'BackupAgeSeconds', ageSeconds, {
            Task: ages.task,
            Type: type,
            Store: store,
          }),
        ],
  );
  const overdue = line(at, ['Task'], 'BackupOverdueSeconds', overdueSeconds(ages), { Task: ages.task });
  return [...each, overdue];
}

function line(
  at: Date,
  dimensions: readonly string[],
  name: string,
  value: number,
  labels: Readonly<Record<string, string>>,
): string {
  const metrics = [{ Namespace: NAMESPACE, Dimensions: [dimensions], Metrics: [{ Name: name, Unit: 'Seconds' }] }];
  return JSON.stringify({ _aws: { Timestamp: at.getTime(), CloudWatchMetrics: metrics }, ...labels, [name]: value });
}
