import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { AwsHost } from '../contract/aws-tasks';
import { renderSending } from './host-target';
import { addStateMachine } from './state-machine';
import { renderTaskMachine } from './task-machine';
import type { StateMachineNames } from './task-machine-names';

export interface TaskStateMachineProps {
  readonly names: StateMachineNames;
  readonly stateMachineName: string;
  /** Families of the task definitions that it may start. */
  readonly families: readonly string[];
  /** Path of the roles that it may hand to a container. */
  readonly rolePath: string;
  readonly executionRoleArn: string;
  readonly key: IKey;
  /** Machines that it may send commands to; the names have the document. */
  readonly targets: readonly AwsHost['target'][];
}

/** The state machine of a shard's tasks, with rights to start those and to hand them their own roles. */
export class TaskStateMachine extends Construct {
  readonly arn: string;
  readonly resource: CfnStateMachine;

  constructor(scope: Construct, id: string, props: TaskStateMachineProps) {
    super(scope, id);
    const { stateMachineName, key, names } = props;
    const { arn, resource } = addStateMachine(this, {
      stateMachineName,
      definition: renderTaskMachine(names),
      description: 'Backup tasks are started and watched as this role',
      statements: statementsOf(this, props),
      key,
    });
    this.arn = arn;
    this.resource = resource;
  }
}

function statementsOf(
  scope: Construct,
  { names, families, rolePath, executionRoleArn, targets }: TaskStateMachineProps,
): PolicyStatement[] {
  const { partition, account, region } = Stack.of(scope);
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  return [
    new PolicyStatement({
      actions: ['ecs:RunTask'],
      resources: families.map((family) => arn('ecs', `task-definition/${family}:*`)),
      conditions: { ArnEquals: { 'ecs:cluster': names.cluster } },
    }),
    new PolicyStatement({
      actions: ['ecs:StopTask', 'ecs:DescribeTasks'],
      resources: ['*'],
      conditions: { ArnEquals: { 'ecs:cluster': names.cluster } },
    }),
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [`arn:${partition}:iam::${account}:role${rolePath}*`, executionRoleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
    // How Step Functions learns that a container ended.
    // https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
    new PolicyStatement({
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [arn('events', 'rule/StepFunctionsGetEventsForECSTaskRule')],
    }),
    ...(names.hosts
      ? [
          new PolicyStatement({
            actions: ['ssm:SendCommand'],
            resources: [arn('ssm', `document/${names.hosts.document}`)],
          }),
          ...renderSending(scope, targets),
          // How a command ended: the service knows no resources here.
          new PolicyStatement({
            actions: ['ssm:ListCommands', 'ssm:ListCommandInvocations', 'ssm:GetCommandInvocation'],
            resources: ['*'],
          }),
        ]
      : []),
    new PolicyStatement({ actions: ['dynamodb:PutItem'], resources: [arn('dynamodb', `table/${names.table}`)] }),
    new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': names.namespace } },
    }),
    new PolicyStatement({ actions: ['sns:Publish'], resources: [names.topic] }),
  ];
}
