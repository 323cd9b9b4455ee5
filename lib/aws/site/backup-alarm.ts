import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { SiteBackups } from '../../contract/site';
import { answerFor } from '../node-metadata';
import type { SiteFrame } from './frame';
import { SITE_NAMESPACE, siteDimension } from './names';

export interface SiteBackupAlarmProps {
  readonly frame: SiteFrame;
  readonly backups: SiteBackups;
}

/**
 * Tells that a backup failed which a machine of the site took while it was active. The tasks' own region, whose prober
 * says how old the newest verified backup is, may be what is gone.
 */
export function addBackupAlarm(scope: Construct, id: string, { frame, backups }: SiteBackupAlarmProps): void {
  const { site, topic } = frame;
  const alarm = new CfnAlarm(scope, id, {
    alarmName: `${site.prefix}-backup-failed`,
    alarmDescription: `A backup of ${backups.task} that ${site.name} took failed, or somebody should look at it`,
    namespace: SITE_NAMESPACE,
    metricName: 'BackupFailed',
    dimensions: [siteDimension(site)],
    statistic: 'Sum',
    period: 300,
    evaluationPeriods: 1,
    threshold: 0,
    comparisonOperator: 'GreaterThanThreshold',
    treatMissingData: 'notBreaching',
    alarmActions: [topic.topicArn],
  });
  answerFor(alarm, [backups.id]);
}
