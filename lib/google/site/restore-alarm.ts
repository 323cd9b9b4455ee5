import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { Construct } from 'constructs';
import type { Site } from '../../contract/site';
import { escapeTemplate, nodeComment } from '../../terraform';
import type { SiteFrame } from './frame';

export interface SiteRestoreAlarmProps {
  readonly frame: SiteFrame;
  readonly restores: string;
  /** What a line of the log is of that tells of a restore which is no success. */
  readonly filter: string;
  /** Notification channels, as Terraform knows them when it runs. */
  readonly channels: string[];
}

/** One message for every restore into the site that did not end as it should. */
export class SiteRestoreAlarm extends Construct {
  constructor(scope: Construct, id: string, { frame, restores, filter, channels }: SiteRestoreAlarmProps) {
    super(scope, id);
    const displayName = escapeTemplate(`restores into ${frame.site.name} that did not end as they should`);
    const policy = new MonitoringAlertPolicy(this, 'Resource', {
      displayName,
      combiner: 'OR',
      severity: 'ERROR',
      conditions: [{ displayName, conditionMatchedLog: { filter } }],
      alertStrategy: { autoClose: '604800s', notificationRateLimit: { period: '300s' } },
      notificationChannels: channels,
      dependsOn: frame.services,
    });
    nodeComment(policy, [restores]);
  }
}

/** The workflow's own word. */
export function workflowFilter(workflow: string): string {
  return `resource.type="workflows.googleapis.com/Workflow" AND resource.labels.workflow_id="${workflow}" AND ((jsonPayload.event="site_restore" AND NOT jsonPayload.outcome="success") OR severity>=ERROR)`;
}

/**
 * Lines of a word that machines of a site write to their consoles. They have its prefix: two deployments in one project
 * may each have a site of the same name.
 */
export function consoleFilter({ prefix }: Pick<Site, 'prefix'>, word: 'RestoreFailed' | 'BackupFailed'): string {
  return `resource.type="gce_instance" AND logName:"serialconsole.googleapis.com" AND textPayload:${escapeTemplate(JSON.stringify(`"site":${JSON.stringify(prefix)}`))} AND textPayload:"${word}"`;
}
