import type { StateMachineNames } from './task-machine-names';

/** States of Amazon's language, as plain JSON. */
type States = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Exit codes of the runner that decide what comes next: docs/runner.md has the table. */
const EXIT = { degraded: 3, damaged: 4, overlap: 5, retry: 75 } as const;
/** Where the description of a container that ended has its exit code. */
const EXIT_CODE = '$.exit.task.Containers[0].ExitCode';

/** How often a run is tried again, and how long the waits are: the runner itself has tried for minutes before. */
const RETRIES = 3;
const RETRY_SECONDS = 300;
/** The runner ends itself before the next slot; a container that hangs is stopped a day later at the latest. */
const LONGEST_SECONDS = 86_400;

/**
 * What happens around every run, the same for all tasks: what differs is in the input of an execution. A start that was
 * delivered twice ends at once; a run that may work in a while is tried again; what was stored is verified by another
 * identity; the outcome becomes a metric; whatever is not a success is told.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
 */
export function renderTaskMachine(names: StateMachineNames): object {
  const states: States = {
    Slot: {
      Type: 'Pass',
      Comment: 'The planned start as the runner writes it: 20261122T021500Z',
      Parameters: {
        'input.$': '$',
        'date.$': "States.StringSplit($.scheduled, '-')",
        'time.$': "States.StringSplit(States.ArrayGetItem(States.StringSplit($.scheduled, '-'), 2), ':')",
        attempts: 0,
      },
      Next: 'Name',
    },
    Name: {
      Type: 'Pass',
      Parameters: {
        'input.$': '$.input',
        'attempts.$': '$.attempts',
        'slot.$': "States.Format('{}{}{}{}{}', $.date[0], $.date[1], $.time[0], $.time[1], $.time[2])",
      },
      Next: 'Claim',
    },
    Claim: claim(names),
    Command: {
      Type: 'Choice',
      Choices: [{ Variable: '$.input.command', StringEquals: 'prune', Next: 'Prune' }],
      Default: 'Backup',
    },
    Backup: run(names, {
      role: '$.input.roles.writer',
      command:
        "States.Array('backup', '--task', $.input.manifest, '--type', $.input.type, '--slot', $.slot, '--metrics', 'emf')",
      next: 'Verify',
      failed: 'BackupFailed',
    }),
    BackupFailed: hasExitCode('ReadBackupExit', 'Failed'),
    ReadBackupExit: readExit('BackupExit'),
    BackupExit: {
      Type: 'Choice',
      Choices: [
        { Variable: EXIT_CODE, NumericEquals: EXIT.degraded, Next: 'VerifyDegraded' },
        { Variable: EXIT_CODE, NumericEquals: EXIT.overlap, Next: 'Overlap' },
        {
          And: [
            { Variable: EXIT_CODE, NumericEquals: EXIT.retry },
            { Variable: '$.attempts', NumericLessThan: RETRIES },
          ],
          Next: 'CountAttempt',
        },
      ],
      Default: 'Failed',
    },
    CountAttempt: {
      Type: 'Pass',
      Parameters: {
        'input.$': '$.input',
        'slot.$': '$.slot',
        'attempts.$': 'States.MathAdd($.attempts, 1)',
      },
      Next: 'WaitBeforeRetry',
    },
    WaitBeforeRetry: { Type: 'Wait', Seconds: RETRY_SECONDS, Next: 'Backup' },
    Verify: verify(names, 'Succeeded', 'VerifyFailed'),
    VerifyDegraded: verify(names, 'Degraded', 'VerifyFailed'),
    VerifyFailed: hasExitCode('ReadVerifyExit', 'Failed'),
    ReadVerifyExit: readExit('VerifyExit'),
    VerifyExit: {
      Type: 'Choice',
      Choices: [
        { Variable: EXIT_CODE, NumericEquals: EXIT.damaged, Next: 'Damaged' },
        // A chain with a hole: nothing is damaged, and nothing can be restored there until it is filled.
        { Variable: EXIT_CODE, NumericEquals: EXIT.degraded, Next: 'Degraded' },
      ],
      Default: 'Failed',
    },
    Prune: run(names, {
      role: '$.input.roles.pruner',
      command: '$.input.prune',
      next: 'Succeeded',
      failed: 'Failed',
    }),
    ...outcome(names, 'Succeeded', 'success', 'end'),
    ...outcome(names, 'Degraded', 'degraded', 'told'),
    ...outcome(names, 'Overlap', 'overlap', 'failed'),
    ...outcome(names, 'Damaged', 'damaged', 'failed'),
    ...outcome(names, 'Failed', 'failed', 'failed'),
    Done: { Type: 'Succeed' },
    NotDone: {
      Type: 'Fail',
      Error: 'BackupFailed',
      Cause: 'The run did not end as it should: see the topic, or the log of its container',
    },
  };
  return { Comment: 'One run of a backup task', StartAt: 'Slot', States: states };
}

/** Scheduler delivers at least once: whoever creates the item runs, everybody else has nothing to do. */
function claim({ table, partition }: StateMachineNames) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::dynamodb:putItem`,
    Parameters: {
      TableName: table,
      Item: {
        run: { 'S.$': "States.Format('{}#{}#{}#{}', $.input.task, $.input.command, $.input.type, $.slot)" },
        execution: { 'S.$': '$$.Execution.Id' },
      },
      ConditionExpression: 'attribute_not_exists(#run)',
      ExpressionAttributeNames: { '#run': 'run' },
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
    Catch: [{ ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], ResultPath: null, Next: 'Done' }],
    Next: 'Command',
  };
}

interface ContainerRun {
  /** Path of the role's ARN in the input. */
  readonly role: string;
  /** Path of the list of arguments, or the intrinsic that makes it. */
  readonly command: string;
  readonly next: string;
  readonly failed: string;
}

/** The task's container under one of its identities, until it ends. What ECS itself refuses is tried again here. */
function run(
  { partition, cluster, subnets, securityGroup }: StateMachineNames,
  { role, command, next, failed }: ContainerRun,
) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::ecs:runTask.sync`,
    TimeoutSeconds: LONGEST_SECONDS,
    Parameters: {
      Cluster: cluster,
      LaunchType: 'FARGATE',
      PlatformVersion: 'LATEST',
      'TaskDefinition.$': '$.input.taskDefinition',
      NetworkConfiguration: {
        AwsvpcConfiguration: { Subnets: subnets, SecurityGroups: [securityGroup], AssignPublicIp: 'DISABLED' },
      },
      Overrides: {
        'TaskRoleArn.$': role,
        ContainerOverrides: [
          {
            Name: 'runner',
            'Command.$': command,
            Environment: [{ Name: 'HYPDR_SECRETS', Value: 'aws' }],
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

function verify(names: StateMachineNames, next: string, failed: string) {
  const state = run(names, {
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
function hasExitCode(read: string, none: string) {
  return {
    Type: 'Choice',
    Choices: [
      {
        And: [
          { Variable: '$.failure.Error', StringEquals: 'States.TaskFailed' },
          { Variable: '$.failure.Cause', StringMatches: '{*"ExitCode":*' },
        ],
        Next: read,
      },
    ],
    Default: none,
  };
}

function readExit(next: string) {
  return {
    Type: 'Pass',
    Parameters: { 'task.$': 'States.StringToJson($.failure.Cause)' },
    ResultPath: '$.exit',
    Next: next,
  };
}

/** A metric for every outcome, and a message for every one but success. */
function outcome(
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
        'Message.$': `States.Format('{} {} of {}, planned for {}: ${word}. The execution and the log of its container say why: {}', $.input.command, $.input.type, $.input.task, $.slot, $$.Execution.Id)`,
      },
      ResultPath: null,
      Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 5, MaxAttempts: 8, BackoffRate: 2 }],
      Next: then === 'failed' ? 'NotDone' : 'Done',
    },
  };
}
