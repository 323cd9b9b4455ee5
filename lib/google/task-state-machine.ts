import { CloudRunV2JobIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-job-iam-member';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { WorkflowsWorkflow } from '@cdktf/provider-google/lib/workflows-workflow';
import { Construct } from 'constructs';
import { escapeTemplate } from '../terraform';
import type { BackupTask } from './task';
import { CONFIG_BUCKET, renderTaskMachine } from './task-machine';
import type { TaskProject } from './task-project';

export interface TaskStateMachineProps {
  readonly project: TaskProject;
  readonly name: string;
  /** Id of its service account. */
  readonly accountId: string;
  readonly containers: readonly { readonly task: string; readonly container: BackupTask }[];
}

/** The workflow of a shard's tasks, with rights to run their jobs and to watch executions. */
export class TaskStateMachine extends Construct {
  readonly workflow: WorkflowsWorkflow;

  constructor(scope: Construct, id: string, { project, name, accountId, containers }: TaskStateMachineProps) {
    super(scope, id);
    const account = new ServiceAccount(this, 'account', { accountId, displayName: 'Runs and watches backup tasks' });
    // Executions and their tasks have no policies of their own.
    const rights = [project.role('watch'), 'roles/logging.logWriter'].map(
      (role, index) =>
        new ProjectIamMember(this, `right_${index}`, { project: project.id, role, member: account.member }),
    );
    const runs = containers.flatMap(({ task, container }) =>
      Object.entries(container.jobs).map(
        ([identity, job]) =>
          new CloudRunV2JobIamMember(this, `run_${identity}_${task}`, {
            name: job.name,
            location: project.region,
            role: project.role('run'),
            member: account.member,
          }),
      ),
    );
    this.workflow = new WorkflowsWorkflow(this, 'Resource', {
      name,
      region: project.region,
      description: 'Runs of backup tasks: containers, retries, verification, outcome',
      serviceAccount: account.id,
      // JSON is YAML; its expressions look like Terraform's own.
      sourceContents: escapeTemplate(`${JSON.stringify(renderTaskMachine(), null, 1)}\n`),
      userEnvVars: { [CONFIG_BUCKET]: project.configBucket },
      callLogLevel: 'LOG_ERRORS_ONLY',
      // It holds nothing but its source.
      deletionProtection: false,
      dependsOn: [...rights, ...runs],
    });
  }
}
