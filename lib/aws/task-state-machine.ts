import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { AwsHost } from '../contract/aws-tasks';
import { renderSending } from './host-target';
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
    const { partition, account, region } = Stack.of(this);
    const logs = new LogGroup(this, 'log', {
      logGroupName: `/aws/vendedlogs/states/${props.stateMachineName}`,
      encryptionKey: props.key,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const role = new Role(this, 'role', {
      description: 'Backup tasks are started and watched as this role',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      inlinePolicies: { tasks: new PolicyDocument({ statements: statementsOf(this, props) }) },
    });
    const machine = new CfnStateMachine(this, 'Resource', {
      stateMachineName: props.stateMachineName,
      roleArn: role.roleArn,
      definitionString: Stack.of(this).toJsonString(renderTaskMachine(props.names)),
      loggingConfiguration: {
        level: 'ALL',
        // Inputs name roles and manifests, never secrets.
        includeExecutionData: true,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }],
      },
      tracingConfiguration: { enabled: true },
    });
    this.arn = `arn:${partition}:states:${region}:${account}:stateMachine:${props.stateMachineName}`;
    this.resource = machine;
  }
}

function statementsOf(
  scope: Construct,
  { names, families, rolePath, executionRoleArn, key, targets }: TaskStateMachineProps,
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
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
    }),
    // Delivery of logs and traces knows no resources.
    // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    new PolicyStatement({
      actions: [
        'logs:CreateLogDelivery',
        'logs:GetLogDelivery',
        'logs:UpdateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:DescribeResourcePolicies',
        'logs:DescribeLogGroups',
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
      ],
      resources: ['*'],
    }),
  ];
}
