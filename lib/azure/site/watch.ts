import { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights';
import { ApplicationInsightsStandardWebTest } from '@cdktf/provider-azurerm/lib/application-insights-standard-web-test';
import { MonitorMetricAlert } from '@cdktf/provider-azurerm/lib/monitor-metric-alert';
import { Construct } from 'constructs';
import { escapeTemplate, nodeComment } from '../../terraform';
import type { SiteActivation } from './activation';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import { machineLines, replicaLines } from './lag-alarm';
import type { Follower } from './lag-alarm';
import type { SiteLease } from './lease';
import { SiteOperator } from './operator';
import type { SiteOperations } from './operations';
import { signsQuery, watchFlow } from './watch-flow';
import { SiteWorkflow } from './workflow';

export interface SiteWatchProps {
  readonly frame: SiteFrame;
  readonly lease: SiteLease;
  readonly operations: SiteOperations;
  readonly follower: Follower;
  readonly activation: SiteActivation;
}

/**
 * Places from which the primary is asked, on three continents.
 * @see https://learn.microsoft.com/previous-versions/azure/azure-monitor/app/monitor-web-app-availability#location-population-tags
 */
const PLACES = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'us-va-ash-azr', 'us-ca-sjc-azr', 'apac-sg-sin-azr'];
/** The shortest that there is; five places make it a look each minute. */
const EVERY_SECONDS = 300;
/** The database has to be silent for longer than a restart takes. */
const LEAST_SILENT_SECONDS = 120;

/** What activates a site by itself: tests of the primary from the world, and a flow that looks at them each minute. */
export class SiteWatch extends Construct {
  constructor(scope: Construct, id: string, props: SiteWatchProps) {
    super(scope, id);
    const { frame, lease, operations, follower, activation } = props;
    const { site } = frame;
    const { triggers } = site.activation;
    this.#tests(props);
    const operator = new SiteOperator(this, 'operator', {
      frame,
      does: 'watch',
      actions: [
        'Microsoft.Logic/workflows/triggers/run/action',
        'Microsoft.OperationalInsights/workspaces/query/*/read',
        'Microsoft.OperationalInsights/workspaces/query/read',
        'Microsoft.OperationalInsights/workspaces/read',
      ],
      containers: {
        records: { scope: lease.recordContainer, role: 'Storage Blob Data Reader' },
        requests: { scope: lease.requestContainer, role: 'Storage Blob Data Contributor' },
      },
    });
    const lag = follower.kind === 'replica' ? replicaLines(follower.engine) : machineLines();
    const seconds = Math.max(LEAST_SILENT_SECONDS, site.synchronization.lagSeconds ?? 0);
    const watch = new SiteWorkflow(this, 'Resource', {
      frame,
      does: 'watch',
      steps: watchFlow({
        site: site.name,
        identity: operator.id,
        stateUrl: lease.stateUrl,
        requestsUrl: lease.requestsUrl,
        workspaceId: operations.workspace.workspaceId,
        query: signsQuery(lag, seconds),
        activate: activation.activate.workflow.id,
        trigger: triggers.find((one) => one !== 'manual_activation') ?? 'primary_site_unreachable',
      }),
      trigger: {
        kind: 'recurrence',
        recurrence: { frequency: 'Minute', interval: 1, startTime: '2026-01-01T00:00:00Z' },
      },
      operator,
      workspaceId: operations.workspace.id,
      after: [activation.activate.ready],
    });
    nodeComment(watch.workflow, [site.activation.id]);
    new MonitorMetricAlert(this, 'blind', {
      name: `${site.prefix}-blind`,
      resourceGroupName: frame.group.name,
      scopes: [watch.workflow.id],
      description: `nobody looks whether ${site.name} has to take over: the runs of its watch fail`,
      severity: 1,
      frequency: 'PT5M',
      windowSize: 'PT15M',
      criteria: [
        {
          metricNamespace: 'Microsoft.Logic/workflows',
          metricName: 'RunsFailed',
          aggregation: 'Total',
          operator: 'GreaterThan',
          threshold: 5,
        },
      ],
      action: [{ actionGroupId: operations.actionGroupId }],
    });
  }

  #tests({ frame, operations }: SiteWatchProps): void {
    const { site } = frame;
    const insights = new ApplicationInsights(this, 'insights', {
      ...placeOf(frame),
      name: `${site.prefix}-primary`,
      applicationType: 'other',
      workspaceId: operations.workspace.id,
    });
    site.activation.healthUrls.forEach((url, index) => {
      const test = new ApplicationInsightsStandardWebTest(this, `test_${index + 1}`, {
        ...placeOf(frame),
        name: `${site.prefix}-primary-${index + 1}`,
        applicationInsightsId: insights.id,
        geoLocations: PLACES,
        frequency: EVERY_SECONDS,
        timeout: 30,
        enabled: true,
        retryEnabled: true,
        request: { url: escapeTemplate(url) },
        validationRules: { expectedStatusCode: 200 },
      });
      nodeComment(test, [site.activation.id]);
    });
  }
}
