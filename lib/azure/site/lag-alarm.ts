import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2';
import { Construct } from 'constructs';
import { nodeComment } from '../../terraform';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import { carryLines } from './machine-lines';
import type { FollowingMachines } from './machine-lines';
import type { SiteOperations } from './operations';
import type { SiteReplica } from './replica';

/** What says how far a database is behind. */
export type Follower =
  { readonly kind: 'replica'; readonly engine: string; readonly replica: SiteReplica } | FollowingMachines;

export interface SiteLagAlarmProps {
  readonly frame: SiteFrame;
  readonly operations: SiteOperations;
  readonly follower: Follower;
  readonly lagSeconds: number;
}

/** Nothing heard counts as so far behind. */
const NEVER_SECONDS = 86_400;
/** https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-monitoring */
const REPLICA_METRICS: Readonly<Record<string, string>> = {
  postgresql: 'physical_replication_delay_in_seconds',
  mysql: 'replication_lag',
};

/**
 * Tells when a site is further behind than the spec allows, or when nobody says how far: an alarm on a metric would keep
 * silent then, so what is asked is the log, and no line is an answer too.
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
 */
export class SiteLagAlarm extends Construct {
  constructor(scope: Construct, id: string, props: SiteLagAlarmProps) {
    super(scope, id);
    const { frame, operations, follower, lagSeconds } = props;
    const { site } = frame;
    if (follower.kind === 'replica') this.#metrics(props, follower.replica);
    else carryLines(this, { frame, operations, follower });
    const says = `${site.name} is more than ${lagSeconds} s behind its primary, or nobody says how far`;
    const alarm = new MonitorScheduledQueryRulesAlertV2(this, 'Resource', {
      ...placeOf(frame),
      name: `${site.prefix}-lag`,
      displayName: says,
      description: says,
      scopes: [operations.workspace.id],
      severity: 1,
      evaluationFrequency: 'PT5M',
      windowDuration: 'PT10M',
      criteria: [
        {
          query:
            follower.kind === 'replica'
              ? replicaQuery(follower.engine)
              : machineQuery(follower.machines.machines.length),
          timeAggregationMethod: 'Maximum',
          metricMeasureColumn: 'lag',
          operator: 'GreaterThan',
          threshold: lagSeconds,
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      autoMitigationEnabled: true,
      // The tables are made by the first line that is written to them.
      skipQueryValidation: true,
      action: { actionGroups: [operations.actionGroupId] },
    });
    nodeComment(alarm, [site.synchronization.id]);
  }

  #metrics({ operations }: SiteLagAlarmProps, { server }: SiteReplica): void {
    new MonitorDiagnosticSetting(this, 'metrics', {
      name: 'lag',
      targetResourceId: server.id,
      logAnalyticsWorkspaceId: operations.workspace.id,
      enabledMetric: [{ category: 'AllMetrics' }],
    });
  }
}

/** Lines in which machines say how far they are behind: `Computer`, `seconds`; the newest of each; a line takes minutes to the log. */
export function machineLines(): string {
  return ['Syslog', '| where TimeGenerated > ago(6m)', ...PARSED].join('\n');
}

const PARSED = [
  '| where Facility == "local5" and SyslogMessage has "lag_seconds="',
  '| extend seconds = todouble(extract(@"lag_seconds=([0-9.]+)", 1, SyslogMessage))',
  '| summarize arg_max(TimeGenerated, seconds) by Computer',
];

/** The same of a server of the service, whose numbers come later. */
export function replicaLines(engine: string): string {
  return [
    'AzureMetrics',
    `| where TimeGenerated > ago(6m) and MetricName == "${REPLICA_METRICS[engine] ?? ''}"`,
    '| top 1 by TimeGenerated',
    '| project seconds = Maximum',
  ].join('\n');
}

/**
 * The machine that is furthest behind, by the newest line of each; one that says nothing hides behind no other.
 * @param count - machines that have to say something
 */
export function machineQuery(count: number): string {
  return [
    'Syslog',
    ...PARSED,
    '| summarize machines = count(), latest = max(seconds)',
    `| project lag = iff(machines < ${count}, ${NEVER_SECONDS}.0, latest)`,
  ].join('\n');
}

export function replicaQuery(engine: string): string {
  return [
    'AzureMetrics',
    `| where MetricName == "${REPLICA_METRICS[engine] ?? ''}"`,
    '| summarize lines = count(), latest = max(Maximum)',
    `| project lag = iff(lines == 0, ${NEVER_SECONDS}.0, latest)`,
  ].join('\n');
}
