import type { States } from './machine-states';

/** What the state machine of starts names. */
export interface StartMachineNames {
  readonly partition: string;
  readonly account: string;
  /** Bucket of the lists. */
  readonly bucket: string;
  /** ARN of the state machine that each start executes. */
  readonly taskMachine: string;
  /** ARN of the topic that is told of starts that did not happen. */
  readonly topic: string;
  /** ARNs of what containers start as: of those that take backups, and of copy jobs. */
  readonly roles: Readonly<Record<'runs' | 'copies', StartRoles>>;
  /** The program that hosts run. @default - no task runs on a host */
  readonly runner?: { readonly runner: string; readonly runnerSha256: string } | undefined;
}

/** ARNs of what containers start as; who restores for a test is left out where nobody does. */
export type StartRoles = Readonly<Record<'writer' | 'verifier' | 'pruner', string>> & { readonly restorer?: string };

/** A start as its list has it. */
export interface ListedStart {
  /** Seconds from the list's first start. */
  readonly after: number;
  /** What it acts as. */
  readonly as: 'runs' | 'copies';
  /** What the task's state machine is told, where `{account}` stands for the account. */
  readonly start: object;
}

/** Items that wait for their minute, or are being started; runs are not waited for. */
const MOST_AT_ONCE = 1000;

/** Times as Scheduler and the task's state machine write them, without fractions of a second. */
const PICTURE = '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z';
const PLANNED = `$fromMillis($toMillis($states.input.scheduled) + $states.input.item.after * 1000, '${PICTURE}')`;

const TOLD_RETRY = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 8, BackoffRate: 2 }];

/**
 * Starts the runs of a list, each at its own minute: one Distributed Map over the list that the input names, whose items
 * wait and then start the task's state machine, with the planned start as the slot. A list that is delivered twice
 * starts runs that end at once, as any start that is delivered twice.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export function renderStartMachine(names: StartMachineNames): object {
  const { partition, bucket } = names;
  return {
    Comment: 'Starts backup tasks at their minutes',
    QueryLanguage: 'JSONata',
    StartAt: 'Starts',
    States: {
      Starts: {
        Type: 'Map',
        Label: 'Starts',
        ItemReader: {
          Resource: `arn:${partition}:states:::s3:getObject`,
          ReaderConfig: { InputType: 'JSON' },
          Arguments: { Bucket: bucket, Key: '{% $states.input.list %}' },
        },
        ItemSelector: {
          scheduled: '{% $states.input.scheduled %}',
          item: '{% $states.context.Map.Item.Value %}',
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Wait',
          States: oneStart(names),
        },
        MaxConcurrency: MOST_AT_ONCE,
        // A start that fails keeps no other from its minute, and is told by itself.
        ToleratedFailurePercentage: 100,
        Output: {},
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Output: { list: '{% $states.input.list %}', error: '{% $states.errorOutput.Error %}' },
            Next: 'Tell',
          },
        ],
        Next: 'Done',
      },
      Tell: {
        ...publish(names, {
          subject: 'Backups that were not started',
          message: "'The list ' & $states.input.list & ' could not be started: ' & $states.input.error",
        }),
        Next: 'NotStarted',
      },
      NotStarted: { Type: 'Fail', Error: 'NotStarted', Cause: 'The list of starts could not be read: see the topic' },
      Done: { Type: 'Succeed' },
    },
  };
}

function oneStart(names: StartMachineNames): States {
  const { partition, account, taskMachine, roles, runner } = names;
  return {
    Wait: { Type: 'Wait', Timestamp: `{% ${PLANNED} %}`, Next: 'Fill' },
    Fill: {
      Type: 'Pass',
      Output: {
        start: `{% $parse($replace($string($states.input.item.start), '{account}', '${account}')) %}`,
        scheduled: `{% ${PLANNED} %}`,
        as: '{% $states.input.item.as %}',
        roles,
        runner: runner ?? {},
      },
      Next: 'Start',
    },
    Start: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::states:startExecution`,
      Arguments: {
        StateMachineArn: taskMachine,
        Input:
          "{% $merge([$states.input.start, { 'scheduled': $states.input.scheduled, 'roles': $lookup($states.input.roles, $states.input.as) }, $exists($states.input.start.host) ? { 'host': $merge([$states.input.start.host, $states.input.runner]) } : {}]) %}",
      },
      Output: {},
      // An answer that was lost starts it twice: the second one ends at once.
      Retry: [
        {
          ErrorEquals: ['States.TaskFailed'],
          IntervalSeconds: 10,
          MaxAttempts: 6,
          BackoffRate: 2,
          JitterStrategy: 'FULL',
        },
      ],
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Output: { start: '{% $states.input.start %}', error: '{% $states.errorOutput.Error %}' },
          Next: 'TellStart',
        },
      ],
      End: true,
    },
    TellStart: {
      ...publish(names, {
        subject: 'A backup that was not started',
        message:
          "$states.input.start.command & ' ' & $states.input.start.type & ' of ' & $states.input.start.task & ' was not started: ' & $states.input.error",
      }),
      End: true,
    },
  };
}

function publish(
  { partition, topic }: StartMachineNames,
  said: { readonly subject: string; readonly message: string },
) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::sns:publish`,
    Arguments: { TopicArn: topic, Subject: said.subject, Message: `{% ${said.message} %}` },
    Output: {},
    Retry: TOLD_RETRY,
  };
}
