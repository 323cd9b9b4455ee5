import { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2';
import { Construct } from 'constructs';
import { AGE_EVENTS } from '../contract/age-gauge';
import type { AlarmingGauge } from '../contract/age-gauge';
import type { AzureTaskShard } from '../contract/azure-tasks';
import { fitName } from '../units';
import { resourceId } from './resource-id';

export interface TaskAlarmsProps {
  readonly plan: AzureTaskShard;
}

const WINDOW = 'PT45M';
const EVERY = 'PT15M';
/** Late by more than a quarter of an hour; no line at all counts as a day. */
const LATE_SECONDS = 900;
const NEVER_SECONDS = 86_400;

/**
 * What tells the action group: for each task the age of its newest verified backups and of its test restore, or that nobody
 * knows it; chains that expire and have no successor; what is not pruned; and runs that did not end as they should, of Logic Apps and of
 * Automation.
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
 */
export class TaskAlarms extends Construct {
  constructor(scope: Construct, id: string, { plan }: TaskAlarmsProps) {
    super(scope, id);
    for (const { task, testRestore } of plan.tasks) {
      this.#rule(`overdue_${task}`, plan, {
        says: `No verified backup of ${task} is young enough, or nobody could look`,
        query: overdueQuery(task, 'BackupOverdueSeconds'),
        column: 'overdue',
        threshold: LATE_SECONDS,
      });
      if (!testRestore) continue;
      this.#rule(`untested_${task}`, plan, {
        says: `No test restore of ${task} is on record in the time of its cadence, or nobody could look`,
        query: overdueQuery(task, 'TestRestoreOverdueSeconds'),
        column: 'overdue',
        threshold: LATE_SECONDS,
      });
    }
    this.#rule('expiring', plan, {
      says: 'The newest verified chain of a task in a store expires within 14 days, or less where the retention is short',
      query: expiringQuery(plan.tasks.map(({ task }) => task)),
      column: 'expiring',
      threshold: LATE_SECONDS,
      each: 'task',
    });
    this.#rule('unpruned', plan, {
      says: 'A store keeps what nothing needs of a task for three days longer than it has to, or nobody could look',
      query: unprunedQuery(plan.tasks.map(({ task }) => task)),
      column: 'overdue',
      threshold: LATE_SECONDS,
      each: 'task',
    });
    this.#rule('failed_flows', plan, {
      says: 'A backup, its verification or pruning did not end as it should: the run of the Logic App says which',
      query: FAILED_FLOWS,
      column: 'failed',
      threshold: 0,
      each: 'flow',
    });
    if (plan.tasks.some((task) => task.machine)) {
      this.#rule('failed_hosts', plan, {
        says: 'A job on a host did not end as it should: its output says why',
        query: FAILED_HOSTS,
        column: 'failed',
        threshold: 0,
        each: 'flow',
      });
    }
  }

  #rule(id: string, { names, location, shardName }: AzureTaskShard, rule: Rule): void {
    const inGroup = (resource: string) => resourceId(this, names.resourceGroup, resource);
    new MonitorScheduledQueryRulesAlertV2(this, id, {
      name: fitName(`${shardName}-${id}`.replace(/[^A-Za-z0-9]+/g, '-'), 120),
      displayName: rule.says,
      description: rule.says,
      resourceGroupName: names.resourceGroup,
      location,
      scopes: [inGroup(`Microsoft.OperationalInsights/workspaces/${names.workspace}`)],
      severity: 1,
      evaluationFrequency: EVERY,
      windowDuration: WINDOW,
      criteria: [
        {
          query: rule.query,
          timeAggregationMethod: 'Maximum',
          metricMeasureColumn: rule.column,
          operator: 'GreaterThan',
          threshold: rule.threshold,
          // One that fails for days hides no other.
          ...(rule.each !== undefined && { dimension: [{ name: rule.each, operator: 'Include', values: ['*'] }] }),
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      autoMitigationEnabled: true,
      // The tables are made by the first line that is written to them.
      skipQueryValidation: true,
      action: { actionGroups: [inGroup(`Microsoft.Insights/actionGroups/${names.actionGroup}`)] },
    });
  }
}

interface Rule {
  readonly says: string;
  readonly query: string;
  readonly column: string;
  readonly threshold: number;
  /** Column by whose values there is an alarm each. @default - one for all */
  readonly each?: string;
}

/** The table is there once something was written: a question to one that is not fails, and alarms nobody. */
const CONSOLE_LINES = 'union isfuzzy=true (datatable(Log_s: string)[]), (ContainerAppConsoleLogs_CL | project Log_s)';

/**
 * How late a task is by what the prober wrote; where it wrote nothing the count is 0 and the answer a day, so that a
 * prober that is silent alarms like a backup that is missing.
 */
export function overdueQuery(task: string, gauge: AlarmingGauge): string {
  const event = AGE_EVENTS[gauge];
  return [
    CONSOLE_LINES,
    `| where Log_s has "${event}"`,
    '| extend line = parse_json(Log_s)',
    `| where tostring(line.event) == "${event}" and tostring(line.labels.task) == ${kql(task)}`,
    `| summarize lines = count(), latest = max(todouble(line.metrics.${gauge}))`,
    `| project overdue = iff(lines == 0, ${NEVER_SECONDS}.0, latest)`,
  ].join('\n');
}

/**
 * How long ago the warning began that the newest verified chain of a task expires, in seconds, a line a task. One rule is
 * enough for all: where nothing is written there is no chain, or nobody looked, and that is overdue. The least of a window
 * counts, so that one look alarms nobody.
 */
export function expiringQuery(tasks: readonly string[]): string {
  const gauge: AlarmingGauge = 'ExpiryWarningSeconds';
  const event = AGE_EVENTS[gauge];
  return [
    CONSOLE_LINES,
    `| where Log_s has "${event}"`,
    '| extend line = parse_json(Log_s)',
    '| extend task = tostring(line.labels.task)',
    `| where tostring(line.event) == "${event}" and task in (${tasks.map(kql).join(', ')})`,
    `| summarize expiring = min(todouble(line.metrics.${gauge})) by task`,
  ].join('\n');
}

/**
 * By how much pruning of each task is late, in seconds: a line a task, also of one of which nothing is written, whose answer
 * is a day. The least of a window counts, so that one look alarms nobody.
 */
export function unprunedQuery(tasks: readonly string[]): string {
  const gauge: AlarmingGauge = 'PruneOverdueSeconds';
  const event = AGE_EVENTS[gauge];
  return [
    `let written = ${CONSOLE_LINES}`,
    `| where Log_s has "${event}"`,
    '| extend line = parse_json(Log_s)',
    `| where tostring(line.event) == "${event}"`,
    `| summarize least = min(todouble(line.metrics.${gauge})) by task = tostring(line.labels.task);`,
    `datatable(task: string)[${tasks.map(kql).join(', ')}]`,
    '| join kind=leftouter written on task',
    `| project task, overdue = coalesce(least, ${NEVER_SECONDS}.0)`,
  ].join('\n');
}

/** https://learn.microsoft.com/azure/logic-apps/monitor-workflows-collect-diagnostic-data */
const FAILED_FLOWS = [
  'AzureDiagnostics',
  '| where ResourceProvider == "MICROSOFT.LOGIC" and Category == "WorkflowRuntime"',
  '| where OperationName in ("Microsoft.Logic/workflows/workflowRunCompleted", "Microsoft.Logic/workflows/workflowTriggerCompleted")',
  '| where column_ifexists("status_s", "") in ("Failed", "TimedOut", "Aborted")',
  '| summarize failed = count() by flow = column_ifexists("resource_workflowName_s", "")',
].join('\n');

/** https://learn.microsoft.com/azure/automation/automation-manage-send-joblogs-log-analytics */
const FAILED_HOSTS = [
  'AzureDiagnostics',
  '| where ResourceProvider == "MICROSOFT.AUTOMATION" and Category == "JobLogs"',
  '| where ResultType in ("Failed", "Suspended", "Stopped")',
  '| summarize failed = count() by flow = column_ifexists("RunbookName_s", "")',
].join('\n');

/** A text in a query. */
function kql(text: string): string {
  return `"${text.replace(/[\\"]/g, (sign) => `\\${sign}`)}"`;
}
