import { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import type { MonitoringAlertPolicyConditions } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { Construct } from 'constructs';
import { AGE_EVENTS } from '../contract/age-gauge';
import type { GoogleTask } from '../contract/google-tasks';
import { escapeTemplate, nodeComment, type ITerraformDependable } from '../terraform';
import { BACKUPS, EXPIRING, TEST_RESTORES, UNPRUNED } from './alarm-gauge';
import type { Gauge, Logged } from './alarm-gauge';

export interface TaskAlarmsProps {
  /** Name of the shard: letters, digits and hyphens. */
  readonly shard: string;
  /** Job of the prober. */
  readonly prober: string;
  readonly workflow: string;
  readonly tasks: readonly Pick<GoogleTask, 'id' | 'task' | 'testRestore'>[];
  /** Notification channels, as Terraform knows them when it runs. */
  readonly channels: string[];
}

/** Late by more than a quarter of an hour: what is overdue by less is late by one look. */
const LATE_SECONDS = 900;
/** Two looks of the prober. */
const TWO_LOOKS = '1800s';
/** Four looks that nobody took. */
const SILENCE = '1h';
/** An alarm whose reason nobody sees any more is closed after a week. */
const CLOSED_AFTER = '604800s';

type Condition = Omit<MonitoringAlertPolicyConditions, 'displayName'>;

interface Policy {
  readonly displayName: string;
  readonly severity: 'CRITICAL' | 'WARNING';
  readonly content: string;
  readonly condition: Condition;
  readonly after: ITerraformDependable[];
  readonly rateLimit?: string;
}

/**
 * What alarms: that a verified backup, or a test restore, is too old, twice in a row; that nobody looks; that a chain expires
 * and has no successor; that a store is not pruned; and every outcome of a run that is no success. Ages are lines of the prober's log, from which Cloud
 * Logging makes a metric.
 */
export class TaskAlarms extends Construct {
  constructor(scope: Construct, id: string, props: TaskAlarmsProps) {
    super(scope, id);
    this.#gauge(BACKUPS, props, props.tasks);
    const tested = props.tasks.filter(({ testRestore }) => testRestore);
    if (tested.length > 0) this.#gauge(TEST_RESTORES, props, tested);
    for (const [id, gauge, says] of [
      ['expires', EXPIRING, expires(props)],
      ['unpruned_any', UNPRUNED, unpruned(props)],
    ] as const) {
      const name = metricName(props.shard, gauge);
      this.#policy(id, anyTask(name, says, this.#metric(name, props.prober, gauge)), props.channels);
    }
    this.#policy('outcome', outcome(props), props.channels);
  }

  #gauge(gauge: Gauge, { shard, prober, channels }: TaskAlarmsProps, tasks: TaskAlarmsProps['tasks']): void {
    const name = metricName(shard, gauge);
    const metric = this.#metric(name, prober, gauge);
    for (const { id: node, task } of tasks) {
      nodeComment(this.#policy(`${gauge.id}_${task}`, overdue(name, task, metric, gauge), channels), [node]);
      nodeComment(this.#policy(`${gauge.silentId}_${task}`, silent(name, task, metric, gauge), channels), [node]);
    }
  }

  /** A gauge of each task, as the prober writes it. https://cloud.google.com/logging/docs/logs-based-metrics/distribution-metrics */
  #metric(name: string, prober: string, { id, says, field }: Logged): LoggingMetric {
    return new LoggingMetric(this, id, {
      name,
      description: says,
      filter: `resource.type="cloud_run_job" AND resource.labels.job_name="${prober}" AND jsonPayload.event="${AGE_EVENTS[field]}"`,
      valueExtractor: `EXTRACT(jsonPayload.metrics.${field})`,
      labelExtractors: { task: 'EXTRACT(jsonPayload.labels.task)' },
      metricDescriptor: {
        metricKind: 'DELTA',
        valueType: 'DISTRIBUTION',
        unit: 's',
        labels: [{ key: 'task', valueType: 'STRING', description: 'name of the data set' }],
      },
      // The threshold is a border of buckets: what is below it is never taken for what is above.
      bucketOptions: { explicitBuckets: { bounds: [1, LATE_SECONDS, 3600, 21_600, 86_400, 604_800] } },
    });
  }

  #policy(id: string, policy: Policy, channels: string[]): MonitoringAlertPolicy {
    return new MonitoringAlertPolicy(this, id, {
      displayName: escapeTemplate(policy.displayName),
      combiner: 'OR',
      severity: policy.severity,
      conditions: [{ displayName: escapeTemplate(policy.displayName), ...policy.condition }],
      documentation: { content: escapeTemplate(policy.content), mimeType: 'text/markdown' },
      alertStrategy: {
        autoClose: CLOSED_AFTER,
        ...(policy.rateLimit !== undefined && { notificationRateLimit: { period: policy.rateLimit } }),
      },
      notificationChannels: channels,
      dependsOn: policy.after,
    });
  }
}

function metricName(shard: string, { metric }: Logged): string {
  return `${shard.replace(/[^A-Za-z0-9]/g, '_')}_${metric}`;
}

/** The least of two looks: a store that could not be asked once alarms nobody. */
function overdue(metric: string, task: string, after: ITerraformDependable, gauge: Gauge): Policy {
  return {
    displayName: gauge.late(task),
    severity: 'CRITICAL',
    content: gauge.lateContent(task),
    after: [after],
    condition: {
      conditionThreshold: {
        filter: escapeTemplate(
          `metric.type="logging.googleapis.com/user/${metric}" AND resource.type="cloud_run_job" AND metric.labels.task=${JSON.stringify(task)}`,
        ),
        comparison: 'COMPARISON_GT',
        thresholdValue: LATE_SECONDS,
        duration: '0s',
        aggregations: [{ alignmentPeriod: TWO_LOOKS, perSeriesAligner: 'ALIGN_PERCENTILE_05' }],
        trigger: { count: 1 },
      },
    },
  };
}

/**
 * A prober that is silent alarms, also one that never spoke: conditions of absence want to have seen a value before.
 * https://cloud.google.com/monitoring/alerts/metric-absence
 */
function silent(metric: string, task: string, after: ITerraformDependable, gauge: Gauge): Policy {
  const series = `logging_googleapis_com:user_${metric}_count{monitored_resource="cloud_run_job",task=${JSON.stringify(task)}}`;
  return {
    displayName: gauge.unknown(task),
    severity: 'CRITICAL',
    content: gauge.unknownContent(task),
    after: [after],
    condition: {
      conditionPrometheusQueryLanguage: {
        query: escapeTemplate(`absent_over_time(${series}[${SILENCE}])`),
        duration: '0s',
        evaluationInterval: '300s',
        // Until the prober has spoken once there is no such metric, and that is what alarms.
        disableMetricValidation: true,
      },
    },
  };
}

interface Said {
  readonly displayName: string;
  readonly content: string;
}

function expires({ prober }: TaskAlarmsProps): Said {
  return {
    displayName: `verified chains that expire soon, says ${prober}`,
    content:
      'The newest verified chain of ${metric.label.task} in a store expires within 14 days, or less where the retention is short, and no newer one is there. The log of the prober says in which; the logs of the workflow say why none came.',
  };
}

function unpruned({ prober }: TaskAlarmsProps): Said {
  return {
    displayName: `backups that are not pruned, says ${prober}`,
    content:
      'A store keeps what nothing needs of ${metric.label.task} for three days longer than it has to. The log of the prober says which; the logs of the workflow and of the pruner say why.',
  };
}

/**
 * One policy for all tasks, with an incident each: where nothing is written of a task, nobody looked or no store could be
 * asked, and that is overdue or silent; without a chain there is nothing to expire, and that is overdue too.
 */
function anyTask(metric: string, said: Said, after: ITerraformDependable): Policy {
  return {
    ...said,
    severity: 'CRITICAL',
    after: [after],
    condition: {
      conditionThreshold: {
        filter: escapeTemplate(`metric.type="logging.googleapis.com/user/${metric}" AND resource.type="cloud_run_job"`),
        comparison: 'COMPARISON_GT',
        thresholdValue: LATE_SECONDS,
        duration: '0s',
        aggregations: [{ alignmentPeriod: TWO_LOOKS, perSeriesAligner: 'ALIGN_PERCENTILE_05' }],
        trigger: { count: 1 },
      },
    },
  };
}

/** One message for every outcome that is no success. */
function outcome({ workflow }: TaskAlarmsProps): Policy {
  return {
    displayName: `runs of ${workflow} that did not end as they should`,
    severity: 'WARNING',
    content: 'The line of the log has task, command, slot, outcome and exit code; the log of its container says why.',
    after: [],
    rateLimit: '300s',
    condition: {
      conditionMatchedLog: {
        filter: `resource.type="workflows.googleapis.com/Workflow" AND resource.labels.workflow_id="${workflow}" AND jsonPayload.event="backup_outcome" AND NOT jsonPayload.outcome=("success" OR "overlap")`,
        labelExtractors: { task: 'EXTRACT(jsonPayload.task)', outcome: 'EXTRACT(jsonPayload.outcome)' },
      },
    },
  };
}
