import type { App } from 'aws-cdk-lib';
import { DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { addCopierInputs, tellCopiers } from '../../lib/aws/copier-inputs';
import { copyNetworkOf } from '../../lib/aws/copy-network';
import { ExecutionAlarm } from '../../lib/aws/execution-alarm';
import { TaskImage } from '../../lib/aws/image';
import { answerFor, stackAnswersFor } from '../../lib/aws/node-metadata';
import { Prober } from '../../lib/aws/prober';
import { addShardTasks } from '../../lib/aws/shard-tasks';
import { SharedHost } from '../../lib/aws/shared-host';
import { StartLists } from '../../lib/aws/start-lists';
import { rolePathOf, sharedNames } from '../../lib/aws/task-names';
import { TaskSchedules } from '../../lib/aws/task-schedules';
import { TaskStateMachine } from '../../lib/aws/task-state-machine';
import type { AwsTaskShard } from '../../lib/contract/aws-tasks';
import type { TaskManifest } from '../../lib/contract/task';
import { KEPT } from '../../lib/aws/kept';

/** Folders of what is uploaded at a deployment. */
export interface Uploads {
  readonly image: string;
  readonly prober: string;
  /** The runner as one file, with its SHA-256, for hosts. */
  readonly runner: { readonly file: string; readonly sha256: string };
}

export interface TaskStackProps {
  readonly plan: AwsTaskShard;
  readonly manifests: readonly TaskManifest[];
  readonly uploads: Uploads;
}

/** The tasks of one shard: containers and hosts, schedules, the state machine around each run, and the prober. */
export class TaskStack extends Stack {
  constructor(app: App, { plan, manifests, uploads }: TaskStackProps) {
    const shardName = `${plan.prefix}-backup-${plan.shard}of${plan.shards}`;
    const { groups } = plan;
    super(app, plan.name, {
      env: { region: plan.region, account: plan.account },
      description: `backup tasks, shard ${plan.shard} of ${plan.shards}, ${plan.region}`,
      terminationProtection: true,
      // Who may read the manifests of a shard with many tasks is told where they lie, and not each of them.
      ...(groups && { synthesizer: new DefaultStackSynthesizer({ bucketPrefix: `${shardName}/` }) }),
    });
    const { partition, region, account } = this;
    const names = sharedNames(plan.prefix);
    const rolePath = rolePathOf(plan.region, shardName);
    const key = Key.fromKeyArn(this, 'key', Fn.importValue(names.exports.key));
    const topic = Topic.fromTopicArn(this, 'failures', `arn:${partition}:sns:${region}:${account}:${names.topic}`);
    const image = new TaskImage(this, 'image', { image: plan.image, folder: uploads.image }).asset;
    const logs = new LogGroup(this, 'log', {
      logGroupName: `/hypnoscript/${shardName}/tasks`,
      encryptionKey: key,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: KEPT,
    });
    const executionRole = new Role(this, 'execution', {
      description: 'Containers of backup tasks are started as this role',
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    const fileSystemId = plan.tasks.some((task) => task.local) ? Fn.importValue(names.exports.fileSystem) : undefined;
    const recordKey = plan.testRestores ? Fn.importValue(names.exports.recordKey) : undefined;
    const hosts = plan.hosts
      ? new SharedHost(this, 'hosts', { name: shardName, runner: uploads.runner, key, hosts: plan.hosts })
      : undefined;
    addCopierInputs(this, plan.tasks);
    const tasks = addShardTasks(this, {
      ...{ plan, name: shardName, manifests, hosts, image, executionRole, logs, rolePath, fileSystemId },
      recordKey,
    });
    const cluster = `arn:${partition}:ecs:${region}:${account}:cluster/${names.cluster}`;
    const machine = new TaskStateMachine(this, 'machine', {
      stateMachineName: shardName,
      families: groups ? [`${shardName}-*`] : plan.tasks.map((task) => task.family),
      rolePath,
      executionRoleArn: executionRole.roleArn,
      key,
      targets: plan.tasks.flatMap((task) => (task.host ? [task.host.target] : [])),
      names: {
        partition,
        cluster,
        subnets: plan.subnets ?? names.exports.subnets.map((name) => Fn.importValue(name)),
        securityGroup: Fn.importValue(names.exports.securityGroup),
        table: names.table,
        topic: topic.topicArn,
        namespace: names.namespace,
        copies: copyNetworkOf(plan),
        sharedRoles: groups !== undefined,
        recordKey,
        testRestores: plan.testRestores,
        thaws: plan.tasks.some((task) => task.thaws),
        hosts: hosts && { document: hosts.document, logGroup: hosts.outputGroup },
      },
    });
    const schedules = groups
      ? new StartLists(this, 'starts', { name: shardName, groups, key, topic, machine, tasks, runner: hosts?.program })
      : new TaskSchedules(this, 'schedules', { group: shardName, key, topic, machine, tasks });
    new ExecutionAlarm(this, 'executions', { machines: [machine.arn, ...schedules.machines], topic });
    new Prober(this, 'prober', {
      functionName: `${shardName}-prober`,
      folder: uploads.prober,
      key,
      topic,
      namespace: names.namespace,
      group: shardName,
      deadLetterArn: schedules.deadLetterArn,
      manifests: groups && tasks[0]?.manifest.bucket.arnForObjects(`${shardName}/*.json`),
      tasks,
    }).node.addDependency(schedules.group);
    tellCopiers(this, tasks);
    answerFor(machine.resource, [plan.image.id]);
    stackAnswersFor(this, [plan.id]);
  }
}
