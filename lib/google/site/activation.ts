import { CloudRunV2JobIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-job-iam-member';
import { ComputeInstanceIamMember } from '@cdktf/provider-google/lib/compute-instance-iam-member';
import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import { escapeTemplate, nodeComment, TerraformOutput } from '../../terraform';
import { renderActivation } from './activation-machine';
import type { ActivationProps } from './activation-machine';
import type { SiteBalancer } from './balancer';
import type { SiteCompute } from './compute';
import type { DatabaseOfSite } from './database';
import { renderDeactivation } from './deactivation-machine';
import type { SiteDns } from './dns';
import type { SiteFrame } from './frame';
import { lagFilter, lagSign } from './lag-alarm';
import { FOLDERS } from './lease';
import type { SiteLease } from './lease';
import { inFolder } from './primary';
import { onInstance } from './restore';
import { customRole } from './roles';
import type { Promoted } from './serve-steps';
import type { DatabaseSign } from './signs';
import { SiteWorkflow } from './workflow';

export interface SiteActivationProps {
  readonly frame: SiteFrame;
  readonly compute: SiteCompute;
  readonly balancer: SiteBalancer;
  readonly lease: SiteLease;
  readonly database: DatabaseOfSite;
  readonly dns: SiteDns | undefined;
  /** Notification channels, as Terraform knows them when it runs. */
  readonly channels: string[];
}

const GROUP = [
  'compute.instanceGroupManagers.get',
  'compute.instanceGroupManagers.update',
  'compute.instanceGroups.get',
  'compute.instanceGroups.list',
  'compute.autoscalers.get',
  'compute.autoscalers.update',
  'compute.regionBackendServices.get',
  'compute.regionOperations.get',
] as const;
const MACHINE = [
  'compute.instances.get',
  'compute.instances.getGuestAttributes',
  'compute.instances.setMetadata',
  'compute.instances.start',
  'compute.instances.stop',
] as const;
const SQL_CHANGE = ['cloudsql.instances.update', 'cloudsql.instances.promoteReplica'] as const;
/** Executions of workflows have no policies of their own, and jobs have. */
const RESTORES = { look_workflow: ['workflows.executions.list'], look_job: ['run.jobs.get'] } as const;
const SIGNS = ['monitoring.timeSeries.list'] as const;
const NAMES = [
  'dns.changes.create',
  'dns.managedZones.get',
  'dns.resourceRecordSets.get',
  'dns.resourceRecordSets.update',
] as const;

/** The workflows by which a site takes over and is left again, and what tells people of them. */
export class SiteActivation extends Construct {
  readonly activate: SiteWorkflow;

  constructor(scope: Construct, id: string, props: SiteActivationProps) {
    super(scope, id);
    const { frame, channels } = props;
    const { site } = frame;
    this.activate = this.#flow('activate', renderActivation(flowOf(props)), props);
    this.#flow('deactivate', renderDeactivation(flowOf(props)), props);
    for (const does of ['activate', 'deactivate']) {
      new TerraformOutput(this, `output_${does}`, {
        value: `gcloud workflows run ${site.prefix}-${does} --location ${site.region} --data '{"confirm": "NAME"}'`,
        description: escapeTemplate(`${does}s the site: NAME is ${site.name}, typed by whoever decides it`),
      }).overrideLogicalId(does);
    }
    this.#alarm(frame, channels);
  }

  #flow(does: string, source: Readonly<Record<string, unknown>>, props: SiteActivationProps): SiteWorkflow {
    const { frame } = props;
    const { activation } = frame.site;
    const flow = new SiteWorkflow(this, does, { frame, does, source, environment: environmentOf(props) });
    nodeComment(flow.workflow, [activation.id, ...(activation.dns ? [activation.dns.id] : [])]);
    this.#grants(does, flow, props);
    return flow;
  }

  #grants(does: string, { account }: SiteWorkflow, props: SiteActivationProps): void {
    const { frame, lease, database, dns } = props;
    const { project } = frame;
    const { member } = account;
    const role = (id: string, permissions: readonly string[]) =>
      customRole(this, `${does}_${id}`, { frame, permissions }).name;
    new ProjectIamMember(this, `${does}_group_grant`, { project, role: role('group', GROUP), member });
    for (const [name, under] of Object.entries({ lease: lease.object, records: FOLDERS.records })) {
      const bucket = lease.bucket.name;
      new StorageBucketIamMember(this, `${does}_${name}_grant`, {
        bucket,
        role: 'roles/storage.objectUser',
        member,
        condition: inFolder(bucket, under),
      });
    }
    const server = (database.replica ?? database.service)?.server;
    if (server) {
      new ProjectIamMember(this, `${does}_look_grant`, {
        project,
        role: role('sql_look', ['cloudsql.instances.get']),
        member,
      });
      new ProjectIamMember(this, `${does}_sql_grant`, {
        project,
        role: role('sql', SQL_CHANGE),
        member,
        condition: onInstance(project, server.name),
      });
    }
    if (database.restore && does === 'activate') {
      new ProjectIamMember(this, `${does}_restores_grant`, {
        project,
        role: role('look_workflow', RESTORES.look_workflow),
        member,
      });
      new CloudRunV2JobIamMember(this, `${does}_job_grant`, {
        name: database.restore.job.name,
        location: frame.site.region,
        role: role('look_job', RESTORES.look_job),
        member,
      });
    }
    if (signOf(props) && does === 'activate') {
      // Time series have no policies of their own.
      new ProjectIamMember(this, `${does}_signs_grant`, { project, role: role('signs', SIGNS), member });
    }
    const machine = database.machines?.machines[0];
    if (machine && database.identity) {
      new ComputeInstanceIamMember(this, `${does}_machine_grant`, {
        instanceName: machine.name,
        zone: machine.zone,
        role: role('machine', MACHINE),
        member,
      });
      // Who writes metadata could have a machine do anything as its account, and has to be let.
      new ServiceAccountIamMember(this, `${does}_acts_grant`, {
        serviceAccountId: database.identity.account.name,
        role: 'roles/iam.serviceAccountUser',
        member,
      });
    }
    if (dns?.switched)
      new ProjectIamMember(this, `${does}_names_grant`, { project, role: role('names', NAMES), member });
  }

  /** Every outcome, and every beginning that nobody typed; an alarm that was refused moved nothing. */
  #alarm(frame: SiteFrame, channels: string[]): void {
    const { site } = frame;
    const displayName = escapeTemplate(`${site.name} is activated or left, and somebody has to know`);
    const names = ['activate', 'deactivate'].map((does) => `"${site.prefix}-${does}"`).join(' OR ');
    const policy = new MonitoringAlertPolicy(this, 'alarm', {
      displayName,
      combiner: 'OR',
      severity: 'CRITICAL',
      conditions: [
        {
          displayName,
          conditionMatchedLog: {
            filter: `resource.type="workflows.googleapis.com/Workflow" AND resource.labels.workflow_id=(${names}) AND (jsonPayload.event=("site_activation" OR "site_deactivation") OR severity>=ERROR) AND NOT jsonPayload.outcome="refused"`,
            labelExtractors: { outcome: 'EXTRACT(jsonPayload.outcome)' },
          },
        },
      ],
      alertStrategy: { autoClose: '604800s', notificationRateLimit: { period: '300s' } },
      documentation: {
        mimeType: 'text/markdown',
        content: escapeTemplate(
          `**failed_promoted**: the database of ${site.name} is the one to write to, and what comes after its promotion failed. People are sent here, not back to the primary, which has no lease. Set right what the log and the record say, and ask for the activation again (output activate): it goes on from there. **failed**: nobody is sent here; where the log says that the promotion was begun, ask again before the primary gets its lease back.`,
        ),
      },
      notificationChannels: channels,
      dependsOn: frame.services,
    });
    nodeComment(policy, [site.activation.id]);
  }
}

function signOf({ frame, database: { follower } }: SiteActivationProps): DatabaseSign | undefined {
  const { lagSeconds } = frame.site.synchronization;
  return follower && lagSeconds !== undefined ? lagSign(follower, lagSeconds) : undefined;
}

function flowOf(props: SiteActivationProps): ActivationProps {
  const { frame, lease, database, dns } = props;
  const { site } = frame;
  const { compute, activation } = site;
  const sign = signOf(props);
  const primary = activation.dns?.primary;
  return {
    site,
    lease: lease.object,
    database: promotedOf(frame, database),
    ...(sign && { sign }),
    serving: {
      least: compute.active.least,
      asleep: compute.asleep,
      grows: compute.autoScaling,
      ...(dns?.switched &&
        primary !== undefined && {
          dns: { record: dns.switched.record, primary: `${primary}.`, site: dns.switched.to },
        }),
    },
  };
}

function promotedOf({ site, zones }: SiteFrame, { machines }: DatabaseOfSite): Promoted | null {
  const { database } = site;
  switch (database?.kind) {
    case undefined:
      return null;
    case 'service':
      return { kind: 'service' };
    case 'replica':
      return {
        kind: 'replica',
        multiZone: database.multiZone,
        engine: database.engine === 'postgresql' ? 'postgresql' : 'mysql',
      };
    case 'machines':
      return machines ? { kind: 'machines', zone: zones[0] ?? '', always: database.always } : null;
  }
}

function environmentOf({ frame, compute, balancer, lease, database, dns }: SiteActivationProps) {
  const server = (database.replica ?? database.service)?.server;
  const machine = database.machines?.machines[0];
  return {
    bucket: lease.bucket.name,
    group: compute.group.name,
    backend: balancer.backend.name,
    ...(compute.autoscaler && { autoscaler: compute.autoscaler.name }),
    ...(server && { server: server.name }),
    ...(machine && { machine: machine.name }),
    ...(database.restore && {
      restores: database.restore.workflow.workflow.name,
      job: database.restore.job.name,
    }),
    ...(dns?.switched && { zone: dns.switched.zone }),
    ...(database.follower && { lag: lagFilter(frame, database.follower) }),
  };
}
