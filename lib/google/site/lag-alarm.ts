import { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import type { MonitoringAlertPolicyConditions } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { Construct } from 'constructs';
import { escapeTemplate, nodeComment, type ITerraformDependable } from '../../terraform';
import type { SiteFrame } from './frame';
import type { SiteReplica } from './replica';
import type { SiteMachines } from './standby';
import { silentSeconds } from './signs';
import type { DatabaseSign } from './signs';
import { LAG_METRIC } from './standby-machine';

/** What says how far a database is behind. */
export type Follower =
  | { readonly kind: 'replica'; readonly replica: SiteReplica }
  | { readonly kind: 'machines'; readonly machines: SiteMachines };

export interface SiteLagAlarmProps {
  readonly frame: SiteFrame;
  readonly follower: Follower;
  readonly lagSeconds: number;
  /** Notification channels, as Terraform knows them when it runs. */
  readonly channels: string[];
}

type Condition = Omit<MonitoringAlertPolicyConditions, 'displayName'>;

/** An alarm whose reason nobody sees any more is closed after a week. */
const CLOSED_AFTER = '604800s';
const WINDOW = '300s';
const SILENCE = '10m';

/**
 * Tells when a site is further behind than the spec allows; and, as an alarm of its own, when nobody says how far, also
 * where nobody ever did: a condition on a number keeps silent then.
 * @see https://cloud.google.com/monitoring/alerts/metric-absence
 */
export class SiteLagAlarm extends Construct {
  constructor(scope: Construct, id: string, props: SiteLagAlarmProps) {
    super(scope, id);
    const { frame, follower, lagSeconds } = props;
    const { site } = frame;
    const { late, silent, after } =
      follower.kind === 'replica' ? ofReplica(props, follower.replica) : this.#ofMachines(props, follower.machines);
    this.#policy('late', `${site.name} is more than ${lagSeconds} s behind its primary`, late, props, after);
    this.#policy('silent', `nobody says how far ${site.name} is behind its primary`, silent, props, after);
  }

  #policy(
    id: string,
    says: string,
    condition: Condition,
    { frame, channels }: SiteLagAlarmProps,
    dependsOn: ITerraformDependable[],
  ): void {
    const displayName = escapeTemplate(says);
    const policy = new MonitoringAlertPolicy(this, id, {
      displayName,
      combiner: 'OR',
      severity: 'CRITICAL',
      conditions: [{ displayName, ...condition }],
      alertStrategy: { autoClose: CLOSED_AFTER },
      notificationChannels: channels,
      dependsOn: [...frame.services, ...dependsOn],
    });
    nodeComment(policy, [frame.site.synchronization.id]);
  }

  /** Lines that machines write to their consoles, of which Cloud Logging makes a metric. */
  #ofMachines({ frame, lagSeconds }: SiteLagAlarmProps, { machines }: SiteMachines) {
    const { prefix } = frame.site;
    const name = metricName(prefix);
    const metric = new LoggingMetric(this, 'metric', {
      name,
      description: 'How far database machines of a recovery site are behind',
      // Names of instances are this site's own, and so are their lines.
      filter: `resource.type="gce_instance" AND logName:"serialconsole.googleapis.com" AND textPayload:"\\"hypdr\\":\\"site\\"" AND textPayload:"\\"${LAG_METRIC}\\":" AND resource.labels.instance_id=(${machines.map((one) => `"${one.instanceId}"`).join(' OR ')})`,
      valueExtractor: `REGEXP_EXTRACT(textPayload, "\\"${LAG_METRIC}\\":([0-9.]+)")`,
      metricDescriptor: { metricKind: 'DELTA', valueType: 'DISTRIBUTION', unit: 's' },
      // Thresholds are borders of buckets: what is below one is never taken for what is above.
      bucketOptions: { explicitBuckets: { bounds: boundsOf(lagSeconds) } },
      dependsOn: frame.services,
    });
    const series = `logging_googleapis_com:user_${name}_count{monitored_resource="gce_instance"}`;
    return {
      late: above(ofMetric(name), 'ALIGN_PERCENTILE_99', lagSeconds),
      silent: prometheus(
        `(count(sum by (instance_id) (increase(${series}[${SILENCE}])) > 0) or vector(0)) < ${machines.length}`,
      ),
      after: [metric],
    };
  }
}

/** Which numbers say how far the database of a site is behind, as a filter of Cloud Monitoring. */
export function lagFilter({ site, project }: SiteFrame, follower: Follower): string {
  return follower.kind === 'replica'
    ? ofServer(`${project}:${follower.replica.server.name}`)
    : ofMetric(metricName(site.prefix));
}

/** How they are read, so that they say whether anything comes any more. */
export function lagSign({ kind }: Follower, lagSeconds: number): DatabaseSign {
  return {
    aligner: kind === 'replica' ? 'ALIGN_MIN' : 'ALIGN_PERCENTILE_05',
    seconds: silentSeconds(lagSeconds),
  };
}

function metricName(prefix: string): string {
  return `${prefix.replaceAll('-', '_')}_${LAG_METRIC}`;
}

function ofMetric(name: string): string {
  return `metric.type="logging.googleapis.com/user/${name}" AND resource.type="gce_instance"`;
}

function ofServer(id: string): string {
  return `metric.type="cloudsql.googleapis.com/database/replication/replica_lag" AND resource.type="cloudsql_database" AND resource.labels.database_id="${id}"`;
}

/** https://cloud.google.com/sql/docs/postgres/replication/replication-lag */
function ofReplica({ frame, lagSeconds }: SiteLagAlarmProps, { server }: SiteReplica) {
  const of = `${frame.project}:${server.name}`;
  const series = `cloudsql_googleapis_com:database_replication_replica_lag{monitored_resource="cloudsql_database",database_id="${of}"}`;
  return {
    late: above(ofServer(of), 'ALIGN_MAX', lagSeconds),
    silent: prometheus(`absent_over_time(${series}[${SILENCE}])`),
    after: [server],
  };
}

function above(filter: string, aligner: string, thresholdValue: number): Condition {
  return {
    conditionThreshold: {
      filter,
      comparison: 'COMPARISON_GT',
      thresholdValue,
      duration: '0s',
      aggregations: [{ alignmentPeriod: WINDOW, perSeriesAligner: aligner }],
      trigger: { count: 1 },
    },
  };
}

export function prometheus(query: string): Condition {
  return {
    conditionPrometheusQueryLanguage: {
      query,
      duration: '0s',
      evaluationInterval: '60s',
      // Until somebody has spoken once there is no such metric, and that is what alarms.
      disableMetricValidation: true,
    },
  };
}

function boundsOf(lagSeconds: number): number[] {
  const all = [
    1,
    lagSeconds / 2,
    lagSeconds,
    silentSeconds(lagSeconds),
    lagSeconds * 2,
    lagSeconds * 10,
    lagSeconds * 100,
  ];
  return [...new Set(all)].sort((a, b) => a - b);
}
