import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { KEPT } from './kept';

export interface StateMachineProps {
  readonly stateMachineName: string;
  readonly definition: object;
  /** What its role is for. */
  readonly description: string;
  /** What it may do, besides writing its log. */
  readonly statements: readonly PolicyStatement[];
  readonly key: IKey;
  /** Over in minutes, and cheap however often it runs: what it did is in its log alone. @default false */
  readonly express?: boolean;
}

export interface StateMachine {
  readonly arn: string;
  readonly resource: CfnStateMachine;
}

/** A state machine with its role and its log, as children of a construct. */
export function addStateMachine(scope: Construct, props: StateMachineProps): StateMachine {
  const { stateMachineName, definition, description, statements, key, express = false } = props;
  const logs = new LogGroup(scope, 'log', {
    logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
    encryptionKey: key,
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: KEPT,
  });
  const role = new Role(scope, 'role', {
    description,
    assumedBy: new ServicePrincipal('states.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    inlinePolicies: { tasks: new PolicyDocument({ statements: [...statements, ...watching(key)] }) },
  });
  const resource = new CfnStateMachine(scope, 'Resource', {
    stateMachineName,
    ...(express && { stateMachineType: 'EXPRESS' }),
    roleArn: role.roleArn,
    definitionString: Stack.of(scope).toJsonString(definition),
    loggingConfiguration: {
      level: 'ALL',
      // Inputs name roles and manifests, never secrets.
      includeExecutionData: true,
      destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }],
    },
    tracingConfiguration: { enabled: true },
  });
  return { arn: stateMachineArn(scope, stateMachineName), resource };
}

/** By its name alone, so that its own role can name it. */
export function stateMachineArn(scope: Construct, name: string): string {
  const { partition, account, region } = Stack.of(scope);
  return `arn:${partition}:states:${region}:${account}:stateMachine:${name}`;
}

function watching(key: IKey): PolicyStatement[] {
  return [
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
