import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { WorkflowsWorkflow } from '@cdktf/provider-google/lib/workflows-workflow';
import { Construct } from 'constructs';
import { escapeTemplate } from '../../terraform';
import type { SiteFrame } from './frame';
import { accountId } from './names';
import { ENV } from './steps';

export interface SiteWorkflowProps {
  readonly frame: SiteFrame;
  /** What it does, as the end of its name. */
  readonly does: string;
  readonly source: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Partial<Record<keyof typeof ENV, string>>>;
}

/** A workflow of a site, which acts as an account of its own. What that may do is granted before the workflow is there. */
export class SiteWorkflow extends Construct {
  readonly workflow: WorkflowsWorkflow;
  readonly account: ServiceAccount;

  constructor(scope: Construct, id: string, { frame, does, source, environment }: SiteWorkflowProps) {
    super(scope, id);
    const { site, services, project } = frame;
    this.account = new ServiceAccount(this, 'account', {
      accountId: accountId(site, does),
      displayName: `${does} of the recovery site ${site.name}`.slice(0, 100),
      dependsOn: services,
    });
    const logs = new ProjectIamMember(this, 'logs', {
      project,
      role: 'roles/logging.logWriter',
      member: this.account.member,
    });
    this.workflow = new WorkflowsWorkflow(this, 'Resource', {
      name: `${site.prefix}-${does}`,
      region: site.region,
      description: `${does} of the recovery site ${site.name}`,
      serviceAccount: this.account.id,
      // JSON is YAML; its expressions look like Terraform's own.
      sourceContents: escapeTemplate(`${JSON.stringify(source, null, 1)}\n`),
      userEnvVars: Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [ENV[name as keyof typeof ENV], value]),
      ),
      // One of the calls has a password in it.
      callLogLevel: 'LOG_NONE',
      // It holds nothing but its source.
      deletionProtection: false,
      dependsOn: [logs, ...services],
    });
  }
}
