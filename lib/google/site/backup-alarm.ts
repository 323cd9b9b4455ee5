import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { Construct } from 'constructs';
import type { SiteBackups } from '../../contract/site';
import { escapeTemplate, nodeComment } from '../../terraform';
import type { SiteFrame } from './frame';
import { consoleFilter } from './restore-alarm';

export interface SiteBackupAlarmProps {
  readonly frame: SiteFrame;
  readonly backups: SiteBackups;
  /** Notification channels, as Terraform knows them when it runs. */
  readonly channels: string[];
}

/**
 * Tells that a backup failed which a machine of the site took while it was active. The tasks' own region, whose prober
 * says how old the newest verified backup is, may be what is gone.
 */
export class SiteBackupAlarm extends Construct {
  constructor(scope: Construct, id: string, { frame, backups, channels }: SiteBackupAlarmProps) {
    super(scope, id);
    const { name } = frame.site;
    const displayName = escapeTemplate(`backups of ${backups.task} that ${name} took and that failed`);
    const policy = new MonitoringAlertPolicy(this, 'Resource', {
      displayName,
      combiner: 'OR',
      severity: 'ERROR',
      conditions: [{ displayName, conditionMatchedLog: { filter: consoleFilter(frame.site, 'BackupFailed') } }],
      documentation: {
        content: 'journalctl -u "hypdr-site-backup@*" on the first database machine of the site says why.',
        mimeType: 'text/markdown',
      },
      alertStrategy: { autoClose: '604800s', notificationRateLimit: { period: '300s' } },
      notificationChannels: channels,
      dependsOn: frame.services,
    });
    nodeComment(policy, [backups.id]);
  }
}
