import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { GoogleTask } from '../contract/google-tasks';
import { TaskSchedule } from './schedule';
import type { BackupTask } from './task';
import type { TaskProject } from './task-project';
import type { TaskStateMachine } from './task-state-machine';

export interface TaskSchedulesProps {
  readonly project: TaskProject;
  /** Id of the scheduler's service account, and of the jobs' prefix. */
  readonly accountId: string;
  readonly machine: TaskStateMachine;
  readonly tasks: readonly { readonly task: GoogleTask; readonly container: BackupTask }[];
}

/** What starts the tasks of a shard. */
export class TaskSchedules extends Construct {
  /** What the scheduler acts as. */
  readonly account: ServiceAccount;

  constructor(scope: Construct, id: string, { project, accountId, machine, tasks }: TaskSchedulesProps) {
    super(scope, id);
    this.account = new ServiceAccount(this, 'account', {
      accountId,
      displayName: 'Starts runs of backup tasks',
    });
    // Workflows has no policies of single workflows.
    // https://cloud.google.com/workflows/docs/access-control
    const start = new ProjectIamMember(this, 'start', {
      project: project.id,
      role: project.role('start'),
      member: this.account.member,
    });
    for (const { task, container } of tasks) {
      for (const schedule of task.schedules) {
        const one = new TaskSchedule(this, schedule.name, {
          schedule,
          task,
          container,
          region: project.region,
          workflow: machine.workflow.id,
          scheduler: this.account.email,
        });
        one.node.addDependency(start);
      }
    }
  }
}
