import type { States } from '../machine-states';

/** What the workflows of a site know of their surroundings, names and numbers only. */
export interface WorkflowNames {
  readonly partition: string;
  /** Name of the site, which whoever starts one confirms. */
  readonly site: string;
  /** Prefix of the names of all that is in it, which no other site of the account has. */
  readonly prefix: string;
  /** Table with what the site says of itself. */
  readonly table: string;
  readonly topic: string;
  /** Bucket with lease and records. */
  readonly bucket: string;
  readonly leaseKey: string;
  /** Longest time until it is late, in seconds. */
  readonly estimatedSeconds: number;
}

/** Seconds between two looks. */
export const LOOK_SECONDS = 15;
/** Looks after which it is given up, at so many times what was estimated. */
const PATIENCE = 4;

const RETRY = [
  {
    ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
    IntervalSeconds: 5,
    MaxAttempts: 5,
    BackoffRate: 2,
    MaxDelaySeconds: 60,
  },
];

export interface TaskOptions {
  /** `service:action` of the SDK. */
  readonly call: string;
  readonly parameters: object;
  readonly next: string;
  /** @default - the answer is dropped */
  readonly result?: string;
  readonly failed: string;
  /** Errors that mean something else. */
  readonly instead?: readonly { readonly error: string; readonly next: string }[];
  /** @default - what may come right by itself is tried again */
  readonly retry?: readonly object[];
}

/** A call of a service; whatever it refuses is told. */
export function task(
  partition: string,
  { call, parameters, next, result, failed, instead = [], retry = RETRY }: TaskOptions,
) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::${call === 'sns:publish' ? call : `aws-sdk:${call}`}`,
    Parameters: parameters,
    ResultPath: result ?? null,
    TimeoutSeconds: 60,
    // What a service refuses for a reason is not tried again.
    Retry: [
      ...(instead.length > 0 ? [{ ErrorEquals: instead.map(({ error }) => error), MaxAttempts: 0 }] : []),
      ...retry,
    ],
    Catch: [
      ...instead.map(({ error, next: other }) => ({ ErrorEquals: [error], ResultPath: '$.refused', Next: other })),
      { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: failed },
    ],
    Next: next,
  };
}

/**
 * Adds the second that it is, and how long a step took when it is the end of one. The intrinsics of the other states know
 * no time.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function clock(next: string, step?: string) {
  const now = '$floor($millis() / 1000)';
  const taken =
    step === undefined ? '' : `, 'steps': $merge([$states.input.steps, {'${step}': ${now} - $states.input.began}])`;
  return {
    Type: 'Pass',
    QueryLanguage: 'JSONata',
    Output: `{% $merge([$states.input, {'now': ${now}${taken}}]) %}`,
    Next: next,
  };
}

/** A message for people. */
export function tell(
  { partition, topic, site }: WorkflowNames,
  text: string,
  values: readonly string[],
  { next, failed = next }: { readonly next: string; readonly failed?: string },
) {
  return task(partition, {
    call: 'sns:publish',
    parameters: {
      TopicArn: topic,
      Subject: `Recovery site ${site}`.slice(0, 100),
      'Message.$': `States.Format(${[`'${site.replace(/['\\]/g, '\\$&')}: ${text}'`, ...values].join(', ')})`,
    },
    next,
    failed,
  });
}

export interface Until {
  readonly name: string;
  /** The state that looks; it goes on to `<name>Seen`. */
  readonly look: object;
  readonly seen: readonly object[];
  readonly failed: string;
}

/**
 * Looks until something is there. Who waits longer than was estimated is told of once, while the waiting goes on; after
 * four times that it is given up.
 */
export function until(names: WorkflowNames, { name, look, seen, failed }: Until): States {
  return {
    [name]: look as States[string],
    [`${name}Seen`]: { Type: 'Choice', Choices: seen, Default: `${name}Clock` },
    [`${name}Clock`]: clock(`${name}Late`),
    [`${name}Late`]: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.now', NumericGreaterThanPath: '$.givenUp', Next: `${name}GivenUp` },
        {
          And: [
            { Variable: '$.now', NumericGreaterThanPath: '$.until' },
            { Variable: '$.late', BooleanEquals: false },
          ],
          Next: `${name}TellLate`,
        },
      ],
      Default: `${name}Wait`,
    },
    [`${name}TellLate`]: tell(
      names,
      `takes longer than ${names.estimatedSeconds} s, it waits at ${name}. {}`,
      ['$$.Execution.Id'],
      { next: `${name}SaidLate` },
    ),
    [`${name}SaidLate`]: { Type: 'Pass', Result: true, ResultPath: '$.late', Next: `${name}Wait` },
    [`${name}Wait`]: { Type: 'Wait', Seconds: LOOK_SECONDS, Next: name },
    [`${name}GivenUp`]: {
      Type: 'Pass',
      Result: { Error: 'GivenUp', Cause: `${name} did not come to an end` },
      ResultPath: '$.failure',
      Next: failed,
    },
  };
}

/** When it began, and by when it has to be over. */
export function begin(next: string, { estimatedSeconds }: WorkflowNames, besides: string): States {
  const now = '$floor($millis() / 1000)';
  return {
    Begin: {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: `{% $merge([{'confirm': '', 'trigger': 'manual_activation', 'lease': 'keep'}, $states.input, {'began': ${now}, 'now': ${now}, 'until': ${now} + ${estimatedSeconds}${besides}, 'givenUp': ${now} + ${PATIENCE * estimatedSeconds}${besides}, 'late': false, 'promoted': 0, 'steps': {}}]) %}`,
      Next: next,
    },
  };
}

/**
 * Since which second the database here is the one that is written to, by the state that was just written; 0 while it is
 * not. No outcome says it: a takeover that failed later on is no reason to send anybody back.
 */
export function knowPromoted(next: string) {
  const known = '$states.input.state.Attributes.promoted';
  return {
    Type: 'Pass',
    QueryLanguage: 'JSONata',
    Output: `{% $merge([$states.input, {'promoted': $exists(${known}) ? $number(${known}.N) : 0}]) %}`,
    Next: next,
  };
}

/** Whether it is promoted, as a case of a choice. */
export const PROMOTED = { Variable: '$.promoted', NumericGreaterThan: 0 } as const;

/** One write of the state, under a condition. */
export function write(
  { table, site }: Pick<WorkflowNames, 'table' | 'site'>,
  { set, condition, values }: { readonly set: string; readonly condition: string; readonly values: object },
) {
  const used = ['status', 'run', 'until', 'term', 'lease', 'promoted'].filter((name) =>
    `${set} ${condition}`.includes(`#${name}`),
  );
  const names = Object.fromEntries(used.map((name) => [`#${name}`, name]));
  return {
    TableName: table,
    Key: { site: { S: site } },
    UpdateExpression: set,
    ...(condition !== '' && { ConditionExpression: condition }),
    // DynamoDB refuses an empty one.
    ...(used.length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    ReturnValues: 'ALL_NEW',
  };
}

/** The error of a write whose condition does not hold. */
export const NOT_MET = 'DynamoDb.ConditionalCheckFailedException';

/** The lease as those read it who have it: a word, a term, the second at which it was written. */
export function putLease(
  { partition, bucket, leaseKey }: WorkflowNames,
  word: 'granted' | 'revoked',
  options: Pick<TaskOptions, 'next' | 'failed'>,
) {
  return task(partition, {
    call: 's3:putObject',
    parameters: {
      Bucket: bucket,
      Key: leaseKey,
      'Body.$': `States.Format('${word} {} {}', $.state.Attributes.term.N, $.now)`,
      ContentType: 'text/plain',
    },
    ...options,
  });
}
