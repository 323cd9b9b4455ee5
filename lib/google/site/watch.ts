import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { MonitoringUptimeCheckConfig } from '@cdktf/provider-google/lib/monitoring-uptime-check-config';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import { escapeTemplate, nodeComment } from '../../terraform';
import type { SiteActivation } from './activation';
import type { SiteFrame } from './frame';
import { lagFilter, lagSign, prometheus } from './lag-alarm';
import type { Follower } from './lag-alarm';
import { FOLDERS } from './lease';
import type { SiteLease } from './lease';
import { inFolder } from './primary';
import { customRole } from './roles';
import { startAtTimes } from './schedule';
import { renderWatch } from './watch-machine';
import { SiteWorkflow } from './workflow';

export interface SiteWatchProps {
  readonly frame: SiteFrame;
  readonly lease: SiteLease;
  readonly follower: Follower;
  readonly lagSeconds: number;
  readonly activation: SiteActivation;
  /** Notification channels, as Terraform knows them when it runs. */
  readonly channels: string[];
}

/**
 * Six places on four continents, of which three are in the USA.
 * @see https://cloud.google.com/monitoring/uptime-checks/introduction
 */
const REGIONS = ['ASIA_PACIFIC', 'EUROPE', 'SOUTH_AMERICA', 'USA'];
const PERMISSIONS = ['monitoring.timeSeries.list', 'workflows.executions.create', 'workflows.executions.list'] as const;
/** A watch that did not look for so long is none. */
const BLIND = '15m';

/** What activates a site by itself: tests of the primary from the world, and a workflow that looks at them each minute. */
export class SiteWatch extends Construct {
  constructor(scope: Construct, id: string, props: SiteWatchProps) {
    super(scope, id);
    const { frame, lease, follower, lagSeconds, activation } = props;
    const { site } = frame;
    const tests = this.#tests(frame);
    const watch = new SiteWorkflow(this, 'machine', {
      frame,
      does: 'watch',
      source: renderWatch({
        site: site.name,
        trigger: site.activation.triggers.find((one) => one !== 'manual_activation') ?? 'primary_site_unreachable',
        sign: lagSign(follower, lagSeconds),
      }),
      environment: {
        bucket: lease.bucket.name,
        tests: `metric.type="monitoring.googleapis.com/uptime_check/check_passed" AND resource.type="uptime_url" AND metric.labels.check_id=one_of(${tests.map((test) => `"${test.uptimeCheckId}"`).join(',')})`,
        lag: lagFilter(frame, follower),
        activates: activation.activate.workflow.name,
      },
    });
    nodeComment(watch.workflow, [site.activation.id]);
    this.#grants(props, watch);
    const job = startAtTimes(this, {
      frame,
      does: 'watch',
      workflow: watch,
      account: { id: 'looks', displayName: `Starts the watch of ${site.name}`, role: 'look_role' },
      job: {
        description: `Looks whether the primary of ${site.name} is gone`,
        schedule: '* * * * *',
        timeZone: 'Etc/UTC',
        // The next one looks a minute later.
        retryConfig: { retryCount: 0 },
      },
    });
    nodeComment(job, [site.activation.id]);
    this.#blind(props, watch);
  }

  #tests({ site, project, services }: SiteFrame): readonly MonitoringUptimeCheckConfig[] {
    return site.activation.healthUrls.map((text, index) => {
      const url = new URL(text);
      const useSsl = url.protocol === 'https:';
      const test = new MonitoringUptimeCheckConfig(this, `test_${index + 1}`, {
        displayName: `${site.prefix}-primary-${index + 1}`,
        period: '60s',
        timeout: '10s',
        selectedRegions: REGIONS,
        monitoredResource: { type: 'uptime_url', labels: { project_id: project, host: url.hostname } },
        httpCheck: {
          path: escapeTemplate(`${url.pathname}${url.search}`),
          port: url.port === '' ? (useSsl ? 443 : 80) : Number(url.port),
          useSsl,
          validateSsl: useSsl,
        },
        dependsOn: services,
      });
      nodeComment(test, [site.activation.id]);
      return test;
    });
  }

  /** What the site says of itself, what Cloud Monitoring says of others, and a word to the activation. */
  #grants({ frame, lease }: SiteWatchProps, { account: { member } }: SiteWorkflow): void {
    const bucket = lease.bucket.name;
    new StorageBucketIamMember(this, 'records_grant', {
      bucket,
      role: 'roles/storage.objectViewer',
      member,
      condition: inFolder(bucket, FOLDERS.records),
    });
    // Neither time series nor executions have policies of their own.
    new ProjectIamMember(this, 'signs_grant', {
      project: frame.project,
      role: customRole(this, 'watch_signs', { frame, permissions: PERMISSIONS }).name,
      member,
    });
  }

  /** https://cloud.google.com/monitoring/api/metrics_gcp_t_z#gcp-workflows */
  #blind({ frame, channels }: SiteWatchProps, { workflow }: SiteWorkflow): void {
    const { site } = frame;
    const displayName = escapeTemplate(`nobody looks whether ${site.name} has to take over`);
    const series = `workflows_googleapis_com:finished_execution_count{monitored_resource="workflows.googleapis.com/Workflow",workflow_id="${workflow.name}",status="SUCCEEDED"}`;
    const policy = new MonitoringAlertPolicy(this, 'blind', {
      displayName,
      combiner: 'OR',
      severity: 'ERROR',
      conditions: [{ displayName, ...prometheus(`(sum(increase(${series}[${BLIND}])) or vector(0)) < 1`) }],
      alertStrategy: { autoClose: '604800s' },
      notificationChannels: channels,
      dependsOn: frame.services,
    });
    nodeComment(policy, [site.activation.id]);
  }
}
