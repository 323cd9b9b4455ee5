import { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2';
import { Construct } from 'constructs';
import type { SiteBackups } from '../../contract/site';
import { nodeComment } from '../../terraform';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteOperations } from './operations';

export interface SiteBackupAlarmProps {
  readonly frame: SiteFrame;
  readonly operations: SiteOperations;
  readonly backups: SiteBackups;
}

/**
 * Tells that a backup failed which a machine of the site took while it was active. The tasks' own region, whose prober
 * says how old the newest verified backup is, may be what is gone. A line may take minutes to the log: each is looked for
 * in several looks, and is one alarm.
 */
export class SiteBackupAlarm extends Construct {
  constructor(scope: Construct, id: string, { frame, operations, backups }: SiteBackupAlarmProps) {
    super(scope, id);
    const { prefix, name } = frame.site;
    const says = `A backup of ${backups.task} that ${name} took failed, or somebody should look at it`;
    const alarm = new MonitorScheduledQueryRulesAlertV2(this, 'Resource', {
      ...placeOf(frame),
      name: `${prefix}-backup-failed`,
      displayName: says,
      description: says,
      scopes: [operations.workspace.id],
      severity: 1,
      evaluationFrequency: 'PT5M',
      windowDuration: 'PT30M',
      criteria: [
        {
          query: 'Syslog\n| where Facility == "local5" and SyslogMessage has "BackupFailed"',
          timeAggregationMethod: 'Count',
          operator: 'GreaterThan',
          threshold: 0,
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      autoMitigationEnabled: true,
      // The table is made by the first line that is written to it.
      skipQueryValidation: true,
      action: { actionGroups: [operations.actionGroupId] },
    });
    nodeComment(alarm, [backups.id]);
  }
}
