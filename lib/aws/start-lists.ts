import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AwsStartList, AwsTaskGroups } from '../contract/aws-task-groups';
import type { AwsTask } from '../contract/aws-tasks';
import { DeadLetters } from './dead-letters';
import { jsonAsset } from './manifest-asset';
import { answerFor } from './node-metadata';
import { renderHost, renderStart } from './schedule';
import { SCHEDULED_TIME, schedulerRole, startsOf } from './scheduler';
import { renderStartMachine } from './start-machine';
import type { ListedStart, StartMachineNames } from './start-machine';
import { addStateMachine, stateMachineArn } from './state-machine';
import type { TaskRuns } from './task';
import type { TaskStateMachine } from './task-state-machine';

export interface StartListsProps {
  /** Name of the shard, of its group of schedules and of its state machine. */
  readonly name: string;
  readonly groups: AwsTaskGroups;
  readonly key: IKey;
  readonly topic: ITopic;
  readonly machine: TaskStateMachine;
  readonly tasks: readonly { readonly task: AwsTask; readonly runs: TaskRuns; readonly manifest: Asset }[];
  /** The program that hosts run. @default - no task runs on a host */
  readonly runner?: StartMachineNames['runner'];
}

/** What starts the tasks of a shard that has many of them: lists of starts, and one Distributed Map that goes through them. */
export class StartLists extends Construct {
  readonly group: CfnScheduleGroup;
  readonly deadLetterArn: string;
  /** ARNs of the state machines that start runs. */
  readonly machines: readonly string[];

  constructor(scope: Construct, id: string, props: StartListsProps) {
    super(scope, id);
    const { name, groups, key, topic, tasks } = props;
    this.group = new CfnScheduleGroup(this, 'group', { name });
    const { queue } = new DeadLetters(this, 'undelivered', { key, topic });
    this.deadLetterArn = queue.queueArn;
    const starts = new Map(
      tasks.flatMap((one) => one.task.schedules.map((schedule) => [schedule.id, { ...one, schedule }] as const)),
    );
    const lists = groups.lists.map((list) => {
      const listed = list.starts.map(({ id: start, afterSeconds }) => {
        const found = starts.get(start);
        if (!found) throw new Error(`list ${list.id} starts ${start}, which no task has`);
        return this.#listed(found, afterSeconds);
      });
      return { list, asset: jsonAsset(this, list.name, listed) };
    });
    const [first] = lists;
    const machine = first && this.#machine(props, first.asset);
    this.machines = machine ? [machine.arn] : [];
    if (!machine) return;
    const scheduler = schedulerRole(this, {
      description: 'Starts lists of backup tasks',
      machineArn: machine.arn,
      queue,
      key,
    });
    for (const { list, asset } of lists) {
      const schedule = this.#schedule(list, asset, { name, machine: machine.arn, role: scheduler.roleArn });
      schedule.node.addDependency(this.group, machine.resource);
    }
  }

  #listed(
    {
      task,
      runs,
      manifest,
      schedule,
    }: StartListsProps['tasks'][number] & { readonly schedule: AwsTask['schedules'][number] },
    after: number,
  ): ListedStart {
    const manifestUrl = `s3://${this.#named(manifest.s3BucketName)}/${manifest.s3ObjectKey}`;
    // The program is the same for all, and its address has tokens.
    const { runner: _, runnerSha256: __, ...host } = (runs.host ?? {}) as Record<string, unknown>;
    return {
      after,
      as: task.reads.length > 0 ? 'copies' : 'runs',
      start: {
        ...renderStart(task, schedule, { manifestUrl, scheduled: '' }),
        // By its family: the newest of its revisions.
        taskDefinition: task.family,
        ...(runs.host && { host: renderHost(host, schedule) }),
      },
    };
  }

  /** The name of a bucket in a file, which has no tokens: where the account is open, a place for it. */
  #named(bucket: string): string {
    const name = Stack.of(this).resolve(bucket) as string | { readonly 'Fn::Sub': string };
    return typeof name === 'string' ? name : name['Fn::Sub'].replaceAll('${AWS::AccountId}', '{account}');
  }

  #machine({ name, key, topic, machine, tasks, runner }: StartListsProps, { bucket }: Asset) {
    const { partition, account, region } = Stack.of(this);
    const stateMachineName = `${name}-starts`;
    const own = stateMachineArn(this, stateMachineName);
    const execution = `arn:${partition}:states:${region}:${account}:execution:${stateMachineName}`;
    const runs = rolesOf(tasks.filter(({ task }) => task.reads.length === 0));
    const copies = rolesOf(tasks.filter(({ task }) => task.reads.length > 0));
    const some = runs ?? copies;
    if (!some) throw new Error(`shard ${name} has no task`);
    return addStateMachine(this, {
      stateMachineName,
      description: 'Lists of starts are read as this role',
      definition: renderStartMachine({
        partition,
        account,
        bucket: bucket.bucketName,
        taskMachine: machine.arn,
        topic: topic.topicArn,
        roles: { runs: runs ?? some, copies: copies ?? some },
        runner,
      }),
      statements: [
        new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(`${name}/*.json`)] }),
        // A Distributed Map executes its items as executions of its own state machine.
        // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        new PolicyStatement({ actions: ['states:StartExecution'], resources: [own, machine.arn] }),
        new PolicyStatement({
          actions: ['states:DescribeExecution', 'states:StopExecution'],
          resources: [`${execution}:*`, `${execution}/*`],
        }),
        new PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] }),
      ],
      key,
    });
  }

  #schedule(
    { id, name, schedule, starts }: AwsStartList,
    asset: Asset,
    by: { readonly name: string; readonly machine: string; readonly role: string },
  ): CfnSchedule {
    const resource = new CfnSchedule(this, `start-${name}`, {
      name,
      groupName: by.name,
      description: `${starts.length} starts within an hour`,
      ...startsOf(schedule, {
        machineArn: by.machine,
        roleArn: by.role,
        deadLetterArn: this.deadLetterArn,
        input: { list: asset.s3ObjectKey, scheduled: SCHEDULED_TIME },
      }),
    });
    answerFor(resource, [id, ...starts.map((start) => start.id)]);
    return resource;
  }
}

function rolesOf(tasks: StartListsProps['tasks']): StartMachineNames['roles']['runs'] | undefined {
  const [first] = tasks;
  if (!first) return undefined;
  const { writer, verifier, pruner, restorer } = first.runs.roles;
  // A task on a host has no writer, and is never asked for one.
  const [{ roles } = first.runs] = tasks.flatMap(({ runs }) => (runs.roles.writer ? [runs] : []));
  return {
    writer: (roles.writer ?? writer ?? verifier).roleArn,
    verifier: verifier.roleArn,
    pruner: pruner.roleArn,
    ...(restorer && { restorer: restorer.roleArn }),
  };
}
