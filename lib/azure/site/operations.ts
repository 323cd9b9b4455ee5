import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { Construct } from 'constructs';
import { FailureGroup } from '../failure-group';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';

export interface SiteOperationsProps {
  readonly frame: SiteFrame;
}

/** Days for which a site's log is kept: longer than a quarter, in which every site is tried once. */
const LOG_DAYS = 120;

/** Where a site writes its log, and whom its alarms tell: its own, since those of the primary may be gone with it. */
export class SiteOperations extends Construct {
  readonly workspace: LogAnalyticsWorkspace;
  readonly actionGroupId: string;

  constructor(scope: Construct, id: string, { frame }: SiteOperationsProps) {
    super(scope, id);
    const { prefix } = frame.site;
    this.workspace = new LogAnalyticsWorkspace(this, 'Resource', {
      ...placeOf(frame),
      name: `${prefix}-log`,
      sku: 'PerGB2018',
      retentionInDays: LOG_DAYS,
    });
    this.actionGroupId = new FailureGroup(this, 'told', { name: `${prefix}-told`, group: frame.group }).id;
  }
}
