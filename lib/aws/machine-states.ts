import { SHARED_ROLE_KIND } from '../contract/shared-roles';
import type { CopyNetwork, StateMachineNames } from './task-machine-names';

/** States of Amazon's language, as plain JSON. */
export type States = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Exit codes of the runner that decide what comes next: docs/runner.md has the table. */
export const EXIT = { success: 0, degraded: 3, damaged: 4, overlap: 5, retry: 75 } as const;

/** Name of the container of a task. Others may stand beside it, in any order: agents that the account has put there. */
const CONTAINER = 'runner';

/** Where the exit code of the task's own container is found; it is not there where that container has none. */
export const EXIT_CODE = '$.exit.own[0].ExitCode';

/** How often a run is tried again, and how long the waits are: the runner itself has tried for minutes before. */
export const RETRIES = 3;

/** The runner ends itself before the next slot; one that hangs is stopped a day later at the latest. */
export const LONGEST_SECONDS = 86_400;

/** Scheduler delivers at least once: whoever creates the item runs, everybody else has nothing to do. */
export function claim({ table, partition }: StateMachineNames) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::dynamodb:putItem`,
    Parameters: {
      TableName: table,
      Item: {
        run: { 'S.$': "States.Format('{}#{}#{}#{}', $.input.task, $.input.command, $.input.type, $.slot)" },
        execution: { 'S.$': '$$.Execution.Id' },
      },
      // An answer that was lost is no other start.
      ConditionExpression: 'attribute_not_exists(#run) OR #execution = :me',
      ExpressionAttributeNames: { '#run': 'run', '#execution': 'execution' },
      ExpressionAttributeValues: { ':me': { 'S.$': '$$.Execution.Id' } },
    },
    ResultPath: null,
    Retry: [
      {
        ErrorEquals: ['DynamoDB.AmazonDynamoDBException', 'DynamoDb.SdkClientException'],
        IntervalSeconds: 5,
        MaxAttempts: 5,
        BackoffRate: 2,
      },
    ],
    Catch: [
      { ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], ResultPath: null, Next: 'Done' },
      { ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Failed' },
    ],
    Next: 'Command',
  };
}

export interface ContainerRun {
  /** Path of the role's ARN in the input. */
  readonly role: string;
  /** Path of the list of arguments, or the intrinsic that makes it. */
  readonly command: string;
  readonly next: string;
  readonly failed: string;
  /** @default - a day */
  readonly longestSeconds?: number;
  /** @default - the network of all tasks */
  readonly network?: CopyNetwork;
  /** ARN of the key that signs records. @default - the container has nothing to do with records */
  readonly recordKey?: string | undefined;
  /** @default - that of the task definition */
  readonly size?: { readonly cpu: number; readonly memoryMiB: number; readonly diskGiB: number };
}

/** The task's container under one of its identities, until it ends. What ECS itself refuses is tried again here. */
export function runContainer(
  { partition, cluster, subnets, securityGroup, sharedRoles }: StateMachineNames,
  {
    role,
    command,
    next,
    failed,
    longestSeconds = LONGEST_SECONDS,
    network = { subnets, securityGroup, publicAddress: false },
    recordKey,
    size,
  }: ContainerRun,
) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::ecs:runTask.sync`,
    TimeoutSeconds: longestSeconds,
    Parameters: {
      Cluster: cluster,
      LaunchType: 'FARGATE',
      PlatformVersion: 'LATEST',
      'TaskDefinition.$': '$.input.taskDefinition',
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          Subnets: network.subnets,
          SecurityGroups: [network.securityGroup],
          AssignPublicIp: network.publicAddress ? 'ENABLED' : 'DISABLED',
        },
      },
      Overrides: {
        'TaskRoleArn.$': role,
        ...(size && {
          Cpu: String(size.cpu),
          Memory: String(size.memoryMiB),
          EphemeralStorage: { SizeInGiB: size.diskGiB },
        }),
        ContainerOverrides: [
          {
            Name: CONTAINER,
            'Command.$': command,
            Environment: [
              { Name: 'HYPDR_SECRETS', Value: 'aws' },
              ...(recordKey === undefined ? [] : [{ Name: 'HYPDR_RECORD_KEY', Value: `awskms:///${recordKey}` }]),
              ...(sharedRoles ? [{ Name: SHARED_ROLE_KIND, Value: role.replace(/^.*\./, '') }] : []),
            ],
          },
        ],
      },
    },
    ResultPath: null,
    Retry: [
      {
        ErrorEquals: ['ECS.AmazonECSException', 'ECS.ServerException', 'ECS.SdkClientException', 'AmazonECS.Unknown'],
        IntervalSeconds: 30,
        MaxAttempts: 4,
        BackoffRate: 2,
        JitterStrategy: 'FULL',
      },
    ],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: failed }],
    Next: next,
  };
}

/** Verification under its own identity, always in a container. */
export function verify(names: StateMachineNames, next: string, failed: string) {
  const state = runContainer(names, {
    role: '$.input.roles.verifier',
    command: '$.input.verify',
    next,
    failed,
  });
  // A store that cannot be reached for a while is no damage.
  return {
    ...state,
    Retry: [
      ...state.Retry,
      { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 120, MaxAttempts: 2, BackoffRate: 2 },
    ],
  };
}

/** A failed container leaves its description as the cause; a container that never ran leaves a text. */
function hasExitCode(read: string, { again }: { readonly again: boolean }) {
  return {
    Type: 'Choice',
    Choices: [
      // It never came up: no image in time, no address. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
      ...(again
        ? [
            {
              And: [
                { Variable: '$.failure.Cause', StringMatches: '*"StopCode":"TaskFailedToStart"*' },
                { Variable: '$.attempts', NumericLessThan: RETRIES },
              ],
              Next: 'CountAttempt',
            },
          ]
        : []),
      {
        And: [
          { Variable: '$.failure.Error', StringEquals: 'States.TaskFailed' },
          { Variable: '$.failure.Cause', StringMatches: '{*"ExitCode":*' },
        ],
        Next: read,
      },
    ],
    Default: 'Failed',
  };
}

export interface Ended {
  /** Where it goes on when the container did what it should. */
  readonly next: string;
  /** What follows from other exit codes. @default - nothing but failure */
  readonly choices?: readonly object[];
  /** Whether a container that never came up is tried again. @default false */
  readonly again?: boolean;
}

/**
 * What follows where the service calls a container's task failed. It does so for any container with another code than 0,
 * or with none: an agent beside ours that can't be pulled, or is killed once ours is through, is no failure of ours.
 * @see https://github.com/aws/aws-cdk/issues/32877
 */
export function ended(name: string, { next, choices = [], again = false }: Ended): States {
  return {
    [`${name}Failed`]: hasExitCode(`Read${name}Exit`, { again }),
    [`Read${name}Exit`]: {
      Type: 'Pass',
      Parameters: { 'task.$': 'States.StringToJson($.failure.Cause)' },
      ResultPath: '$.exit',
      Next: `Find${name}Exit`,
    },
    [`Find${name}Exit`]: {
      Type: 'Pass',
      Parameters: { 'own.$': `$.exit.task.Containers[?(@.Name == '${CONTAINER}')]` },
      ResultPath: '$.exit',
      Next: `${name}Exit`,
    },
    [`${name}Exit`]: {
      Type: 'Choice',
      Choices: [
        { Not: { Variable: EXIT_CODE, IsPresent: true }, Next: 'Failed' },
        { Variable: EXIT_CODE, NumericEquals: EXIT.success, Next: next },
        ...choices,
      ],
      Default: 'Failed',
    },
  };
}

/** What follows from the exit code of a backup; 0 is asked for only where it is no matter of course. */
export function backupExit(variable: string) {
  return [
    { Variable: variable, NumericEquals: EXIT.degraded, Next: 'VerifyDegraded' },
    { Variable: variable, NumericEquals: EXIT.overlap, Next: 'Overlap' },
    triedAgain(variable),
  ];
}

/** Worth another try, as long as there are some left. */
export function triedAgain(variable: string) {
  return {
    And: [
      { Variable: variable, NumericEquals: EXIT.retry },
      { Variable: '$.attempts', NumericLessThan: RETRIES },
    ],
    Next: 'CountAttempt',
  };
}

/** A metric for every outcome, and a message for every one but success. */
export function outcome(
  { partition, topic, namespace }: StateMachineNames,
  name: string,
  word: string,
  then: 'end' | 'told' | 'failed',
): States {
  const tell = `Tell${name}`;
  const metric = {
    Type: 'Task',
    Resource: `arn:${partition}:states:::aws-sdk:cloudwatch:putMetricData`,
    Parameters: {
      Namespace: namespace,
      MetricData: [
        {
          MetricName: 'Outcome',
          Value: 1,
          Unit: 'Count',
          Dimensions: [
            { Name: 'Task', 'Value.$': '$.input.task' },
            { Name: 'Outcome', Value: word },
          ],
        },
      ],
    },
    ResultPath: null,
    Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }],
    // Telling matters more than counting.
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: then === 'end' ? 'Done' : tell }],
    Next: then === 'end' ? 'Done' : tell,
  };
  if (then === 'end') return { [name]: metric };
  return {
    [name]: metric,
    [tell]: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::sns:publish`,
      Parameters: {
        TopicArn: topic,
        'Subject.$': `States.Format('Backup of {}: ${word}', $.input.task)`,
        'Message.$': `States.Format('{} {} of {}, planned for {}: ${word}. {}The execution and its logs say why: {}', $.input.command, $.input.type, $.input.task, $.slot, $.note.text, $$.Execution.Id)`,
      },
      ResultPath: null,
      Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 5, MaxAttempts: 8, BackoffRate: 2 }],
      Next: then === 'failed' ? 'NotDone' : 'Done',
    },
  };
}
