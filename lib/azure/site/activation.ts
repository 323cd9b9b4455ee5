import { MonitorMetricAlert } from '@cdktf/provider-azurerm/lib/monitor-metric-alert';
import { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2';
import { Construct } from 'constructs';
import type { Site } from '../../contract/site';
import { nodeComment, TerraformOutput } from '../../terraform';
import { activationFlow } from './activation-flow';
import type { SiteCompute } from './compute';
import type { DatabaseOfSite } from './database';
import { deactivationFlow } from './deactivation-flow';
import type { SiteDns } from './dns';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteLease } from './lease';
import { MACHINE_ACTIONS, SiteOperator } from './operator';
import type { SiteOperations } from './operations';
import type { PromotedDatabase } from './promote-steps';
import { activateScript, leaveScript } from './restore-machine';
import { ABLE, promoteScript } from './standby-machine';
import { ASKED, SiteWorkflow } from './workflow';

export interface SiteActivationProps {
  readonly frame: SiteFrame;
  readonly lease: SiteLease;
  readonly operations: SiteOperations;
  readonly compute: SiteCompute;
  readonly database: DatabaseOfSite;
  /** @default - the site has no name that it could take over */
  readonly dns: SiteDns | undefined;
}

/** Beside machines with a database: the scale set, servers of the service, and who has the name. */
const SERVING_ACTIONS = [
  'Microsoft.Compute/virtualMachineScaleSets/read',
  'Microsoft.Compute/virtualMachineScaleSets/write',
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/instanceView/read',
  'Microsoft.Insights/autoscaleSettings/read',
  'Microsoft.Insights/autoscaleSettings/write',
  'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
  'Microsoft.Network/loadBalancers/backendAddressPools/join/action',
  'Microsoft.Network/loadBalancers/probes/join/action',
  'Microsoft.Network/virtualNetworks/subnets/join/action',
];

/** The activation of a site and its twin, whom they tell, and how they are asked. */
export class SiteActivation extends Construct {
  readonly activate: SiteWorkflow;

  constructor(scope: Construct, id: string, props: SiteActivationProps) {
    super(scope, id);
    const { frame, lease, operations, compute, database, dns } = props;
    const { site } = frame;
    const { activation } = site;
    const operator = this.#operator(props);
    const serving = {
      set: compute.machines.id,
      instanceType: site.compute.instanceType,
      least: site.compute.active.least,
      ...(compute.autoscale && { autoscale: compute.autoscale.id }),
      ...(dns && { endpoint: dns.site.id }),
      ...(dns?.primary && { primary: dns.primary.id }),
    };
    const common = { site, identity: operator.id, kept: lease, leaseUrl: lease.leaseUrl };
    const after = database.machines?.ready ?? [];
    const workspaceId = operations.workspace.id;
    this.activate = new SiteWorkflow(this, 'Resource', {
      frame,
      does: 'activate',
      steps: activationFlow({ ...common, database: this.#database(props), serving }),
      trigger: { kind: 'asked' },
      operator,
      workspaceId,
      after,
    });
    nodeComment(this.activate.workflow, [activation.id]);
    const machines = database.machines?.machines ?? [];
    const deactivate = new SiteWorkflow(this, 'deactivate', {
      frame,
      does: 'deactivate',
      steps: deactivationFlow({
        ...common,
        serving: { ...serving, asleep: site.compute.asleep },
        machines: machines.map((machine) => ({ machine: machine.id, location: site.region })),
        stopped: site.database?.kind === 'machines' && !site.database.always,
        stopScript: leaveScript(restores(site) ? 'hypdr-site-restore' : 'hypdr-standby'),
      }),
      trigger: { kind: 'asked' },
      operator,
      workspaceId,
      after,
    });
    nodeComment(deactivate.workflow, [activation.id]);
    this.#alarms(props);
    this.#command('activate', this.activate, { site: site.name, lease });
    this.#command('deactivate', deactivate, { site: site.name, lease });
  }

  #operator({ frame, lease, database, dns }: SiteActivationProps): SiteOperator {
    const { replica } = database;
    const server = replica && `Microsoft.${replica.service}/flexibleServers`;
    return new SiteOperator(this, 'operator', {
      frame,
      does: 'activate',
      actions: [
        ...MACHINE_ACTIONS,
        ...SERVING_ACTIONS,
        ...(server ? [`${server}/read`, `${server}/write`] : []),
        ...(dns
          ? [
              'Microsoft.Network/trafficManagerProfiles/azureEndpoints/read',
              'Microsoft.Network/trafficManagerProfiles/azureEndpoints/write',
              'Microsoft.Network/trafficManagerProfiles/externalEndpoints/read',
              'Microsoft.Network/trafficManagerProfiles/externalEndpoints/write',
            ]
          : []),
      ].sort(),
      containers: {
        requests: { scope: lease.requestContainer, role: 'Storage Blob Data Reader' },
        lease: { scope: lease.leaseContainer, role: 'Storage Blob Data Contributor' },
        records: { scope: lease.recordContainer, role: 'Storage Blob Data Contributor' },
      },
    });
  }

  #database({ frame, database }: SiteActivationProps): PromotedDatabase | null {
    const { site } = frame;
    const { replica, machines } = database;
    if (replica && site.database?.kind === 'replica') {
      const { engine, server } = replica;
      return { kind: 'replica', engine, server: server.id, multiZone: site.database.multiZone };
    }
    if (!machines) return null;
    return {
      kind: 'machines',
      machines: machines.machines.map((machine) => ({ machine: machine.id, location: site.region })),
      ...(!restores(site) && { able: ABLE }),
      scripts: machines.machines.map((_, index) => {
        if (restores(site)) return activateScript(site.name);
        return index === 0 ? promoteScript(site.name) : undefined;
      }),
    };
  }

  /** That one began is told at once, so that it can be stopped; that one failed, or does not end, too. */
  #alarms({ frame, operations }: SiteActivationProps): void {
    const { site } = frame;
    const { estimatedSeconds, abortSeconds } = site.activation;
    const alarm = (word: string, metric: string, says: string) =>
      new MonitorMetricAlert(this, word, {
        name: `${site.prefix}-${word}`,
        resourceGroupName: frame.group.name,
        scopes: [this.activate.workflow.id],
        description: says,
        severity: 0,
        frequency: 'PT1M',
        windowSize: 'PT5M',
        criteria: [
          {
            metricNamespace: 'Microsoft.Logic/workflows',
            metricName: metric,
            aggregation: 'Total',
            operator: 'GreaterThan',
            threshold: 0,
          },
        ],
        action: [{ actionGroupId: operations.actionGroupId }],
      });
    alarm(
      'began',
      'RunsStarted',
      `${site.name} takes over: whoever knows better stops it by the output deactivate_command`,
    );
    alarm(
      'failed',
      'RunsFailed',
      `${site.name} did not take over, or was late: its record says how far it came. Where records/state.json has promotedAt, its database is the one to write to, and people are sent here, not back to the primary, which has no lease: set right what failed and ask by the output activate_command again, which goes on from there`,
    );
    alarm('ended', 'RunsSucceeded', `${site.name} took over`);
    const says = `${site.name} takes longer to take over than ${estimatedSeconds} s`;
    new MonitorScheduledQueryRulesAlertV2(this, 'late', {
      ...placeOf(frame),
      name: `${site.prefix}-late`,
      displayName: says,
      description: says,
      scopes: [operations.workspace.id],
      severity: 0,
      evaluationFrequency: 'PT5M',
      windowDuration: 'P1D',
      criteria: [
        {
          query: lateQuery(`${site.prefix}-activate`, estimatedSeconds + abortSeconds),
          timeAggregationMethod: 'Maximum',
          metricMeasureColumn: 'late',
          operator: 'GreaterThan',
          threshold: 0,
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      autoMitigationEnabled: true,
      skipQueryValidation: true,
      action: { actionGroups: [operations.actionGroupId] },
    });
  }

  /** The one line that asks: the name is written where the flow reads it, and the flow is started. */
  #command(word: string, { workflow }: SiteWorkflow, { site, lease }: { site: string; lease: SiteLease }): void {
    const run = `https://management.azure.com${workflow.id}/triggers/${ASKED}/run?api-version=2019-05-01`;
    const blob = `--account-name ${lease.store.name} --container-name requests --name ${word}.json --overwrite`;
    const said = `"{\\"confirm\\":\\"NAME\\",\\"at\\":\\"$(date -u +%FT%TZ)\\"}"`;
    new TerraformOutput(this, `${word}_command`, {
      value: `az storage blob upload --auth-mode login ${blob} --content-type application/json --data ${said} && az rest --method post --url "${run}"`,
      description: `how somebody has the site ${word}: NAME is what it is called in the spec, ${site}`,
      staticId: true,
    }).overrideLogicalId(`${word}_command`);
  }
}

/** Whether backups are restored into its database. */
function restores({ synchronization }: Site): boolean {
  return synchronization.method === 'backup_restore';
}

/** Runs that began and did not end within so many seconds. */
export function lateQuery(workflow: string, seconds: number): string {
  return [
    'AzureDiagnostics',
    `| where ResourceProvider == "MICROSOFT.LOGIC" and Category == "WorkflowRuntime" and resource_workflowName_s == "${workflow}"`,
    '| where OperationName in ("Microsoft.Logic/workflows/workflowRunStarted", "Microsoft.Logic/workflows/workflowRunCompleted")',
    '| summarize began = min(TimeGenerated), ended = countif(OperationName endswith "Completed") by resource_runId_s',
    `| summarize late = countif(ended == 0 and began < ago(${seconds}s))`,
  ].join('\n');
}
