import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';
import { DeadLetters } from './dead-letters';
import { TaskSchedule } from './schedule';
import { schedulerRole } from './scheduler';
import type { TaskRuns } from './task';
import type { TaskStateMachine } from './task-state-machine';

export interface TaskSchedulesProps {
  readonly group: string;
  readonly key: IKey;
  readonly topic: ITopic;
  readonly machine: TaskStateMachine;
  readonly tasks: readonly { readonly task: AwsTask; readonly runs: TaskRuns; readonly manifest: Asset }[];
}

/** What starts the tasks of a shard, and where starts go that could not be delivered. */
export class TaskSchedules extends Construct {
  readonly group: CfnScheduleGroup;
  readonly deadLetterArn: string;
  /** Schedules start the machine of the tasks itself. */
  readonly machines: readonly string[] = [];

  constructor(scope: Construct, id: string, { group, key, topic, machine, tasks }: TaskSchedulesProps) {
    super(scope, id);
    this.group = new CfnScheduleGroup(this, 'group', { name: group });
    const { queue } = new DeadLetters(this, 'undelivered', { key, topic });
    this.deadLetterArn = queue.queueArn;
    const scheduler = schedulerRole(this, {
      description: 'Starts runs of backup tasks',
      machineArn: machine.arn,
      queue,
      key,
    });
    for (const { task, manifest, runs } of tasks) {
      for (const schedule of task.schedules) {
        const one = new TaskSchedule(this, schedule.name, {
          schedule,
          task,
          runs,
          manifestUrl: manifest.s3ObjectUrl,
          group,
          stateMachineArn: machine.arn,
          roleArn: scheduler.roleArn,
          deadLetterArn: queue.queueArn,
        });
        one.node.addDependency(this.group, machine.resource);
      }
    }
  }
}
