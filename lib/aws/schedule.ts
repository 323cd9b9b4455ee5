import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { AwsTask, AwsTaskSchedule } from '../contract/aws-tasks';
import { answerFor } from './node-metadata';
import { SCHEDULED_TIME, startsOf } from './scheduler';
import type { TaskRuns } from './task';

export interface TaskScheduleProps {
  readonly schedule: AwsTaskSchedule;
  readonly task: AwsTask;
  readonly runs: TaskRuns;
  /** `s3://bucket/key` of the task manifest. */
  readonly manifestUrl: string;
  readonly group: string;
  readonly stateMachineArn: string;
  /** What the scheduler acts as. */
  readonly roleArn: string;
  readonly deadLetterArn: string;
}

export interface StartAt {
  /** `s3://bucket/key` of the task manifest. */
  readonly manifestUrl: string;
  /** The planned start, in UTC: `2026-11-22T02:15:00Z`. */
  readonly scheduled: string;
}

/** What an execution of the state machine is told of a start; not what it acts as, and where. */
export function renderStart(task: AwsTask, schedule: AwsTaskSchedule, { manifestUrl, scheduled }: StartAt): object {
  return {
    task: task.task,
    command: schedule.command,
    type: schedule.type ?? '',
    scheduled,
    manifest: manifestUrl,
    // Each identity is of this account: copies in other clouds are verified and pruned there.
    ...(schedule.command === 'copy' && { copy: ['copy', '--task', manifestUrl, ...ownStores(task)] }),
    ...(schedule.command === 'verify' && {
      fullRead: ['verify', '--full', '--task', manifestUrl, ...ownStores(task)],
    }),
    ...(schedule.command === 'test-restore' && {
      testRestore: ['test-restore', '--task', manifestUrl, '--metrics', 'emf', ...inStores(task)],
      ...(task.thaws && { thaw: ['thaw', '--task', manifestUrl, ...inStores(task)] }),
    }),
    verify: ['verify', '--quick', '--task', manifestUrl, ...ownStores(task)],
    prune: ['prune', '--task', manifestUrl, ...ownStores(task)],
  };
}

/** What it is told of the host that a run is on. */
export function renderHost(host: object, schedule: AwsTaskSchedule): object {
  return { ...host, run: commandOf(schedule) };
}

/**
 * Starts an execution of the state machine. The planned start goes along, since it is the slot of the run: a delivery
 * that comes late or twice is the same run.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export class TaskSchedule extends Construct {
  constructor(scope: Construct, id: string, props: TaskScheduleProps) {
    super(scope, id);
    const { schedule, task, runs, manifestUrl } = props;
    const { writer, verifier, pruner, restorer, thawer } = runs.roles;
    const resource = new CfnSchedule(this, 'Resource', {
      name: schedule.name,
      groupName: props.group,
      description: `${schedule.command} of ${task.task}`,
      ...startsOf(schedule.schedule, {
        machineArn: props.stateMachineArn,
        roleArn: props.roleArn,
        deadLetterArn: props.deadLetterArn,
        input: {
          ...renderStart(task, schedule, { manifestUrl, scheduled: SCHEDULED_TIME }),
          // Its newest revision: a deployment takes the one before away, also from a run that is under way.
          taskDefinition: runs.definition.family,
          roles: {
            ...(writer && { writer: writer.roleArn }),
            verifier: verifier.roleArn,
            pruner: pruner.roleArn,
            ...(schedule.command === 'test-restore' && {
              ...(restorer && { restorer: restorer.roleArn }),
              ...(thawer && { thawer: thawer.roleArn }),
            }),
          },
          ...(runs.host && { host: renderHost(runs.host, schedule) }),
        },
      }),
    });
    answerFor(resource, [schedule.id]);
  }
}

/** What a host is told to run. */
function commandOf({ command, type }: AwsTaskSchedule): string {
  return command === 'backup' && type !== undefined ? `${command} ${type}` : command;
}

/** The folder of a host is out of a container's reach. */
function ownStores({ stores, local }: AwsTask): readonly string[] {
  return [...inStores({ stores }), ...(local ? ['--store', 'local'] : [])];
}

/** What an emergency would have: a folder is gone with its machine. */
function inStores({ stores }: Pick<AwsTask, 'stores'>): readonly string[] {
  return stores.flatMap(({ store }) => ['--store', store]);
}
