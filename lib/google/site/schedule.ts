import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import type { CloudSchedulerJobConfig } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import type { Construct } from 'constructs';
import { PERMISSIONS } from '../task-names';
import type { SiteFrame } from './frame';
import { accountId } from './names';
import { customRole } from './roles';
import type { SiteWorkflow } from './workflow';

export interface StartsProps {
  readonly frame: SiteFrame;
  /** What is started, as the end of the job's name. */
  readonly does: string;
  readonly workflow: SiteWorkflow;
  /** The account that starts it: its id, what it is called, and the id of its role. */
  readonly account: { readonly id: string; readonly displayName: string; readonly role: string };
  readonly job: Pick<CloudSchedulerJobConfig, 'description' | 'schedule' | 'timeZone' | 'retryConfig'>;
}

/** Has Cloud Scheduler start a workflow of a site at its times, as an account that may start workflows and nothing else. */
export function startAtTimes(
  scope: Construct,
  { frame, does, workflow, account: who, job }: StartsProps,
): CloudSchedulerJob {
  const { site, project } = frame;
  const account = new ServiceAccount(scope, 'scheduler', {
    accountId: accountId(site, who.id),
    displayName: who.displayName.slice(0, 100),
    dependsOn: frame.services,
  });
  // Workflows has no policies of single workflows.
  const start = new ProjectIamMember(scope, 'start', {
    project,
    role: customRole(scope, who.role, { frame, permissions: PERMISSIONS.start }).name,
    member: account.member,
  });
  return new CloudSchedulerJob(scope, 'schedule', {
    ...job,
    name: `${site.prefix}-${does}`,
    region: site.region,
    attemptDeadline: '60s',
    httpTarget: {
      httpMethod: 'POST',
      uri: `https://workflowexecutions.googleapis.com/v1/${workflow.workflow.id}/executions`,
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from(JSON.stringify({ argument: '{}' }), 'utf8').toString('base64'),
      oauthToken: { serviceAccountEmail: account.email },
    },
    dependsOn: [start],
  });
}
