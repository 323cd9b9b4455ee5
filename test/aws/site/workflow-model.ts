import jsonata from 'jsonata';
import { ServiceError } from '../state-machine';
import { validatedOnce } from '../validated-once';
import { holds } from './condition';
import type { Item } from './condition';

/** A site as its services see it, which a test sets up, and changes while a workflow runs. */
export interface Surroundings {
  /** Seconds since 1970. */
  now: number;
  item: Record<string, { readonly S?: string; readonly N?: string }>;
  objects: Record<string, unknown>;
  desired: number;
  /** Machines of the application that answer; more come with what is desired unless a test says otherwise. */
  healthy: () => number;
  machine: 'running' | 'pending' | 'stopped' | 'none';
  /** How a document of Run Command ends. */
  command: (
    document: string,
    machine: string,
  ) => { readonly code: number; readonly said: string; readonly looks?: number };
  replica: { source: string | undefined; status: string };
  /** How the service calls what a replica follows. */
  sourceField: 'ReadReplicaSourceDBInstanceIdentifier' | 'ReadReplicaSourceDbInstanceIdentifier';
  /** States whose first answer is lost, though what they asked for was done. */
  lost: string[];
  lag: 'ALARM' | 'OK';
  /** What happens while a workflow waits. */
  meanwhile: (seconds: number) => void | Promise<void>;
  /** Numbers that were said, by their names. */
  readonly numbers: Record<string, number[]>;
  readonly calls: string[];
  readonly messages: string[];
}

export function surroundings(overrides: Partial<Surroundings> = {}): Surroundings {
  const made: Surroundings = {
    now: 1_790_000_000,
    item: {},
    objects: {},
    desired: 0,
    healthy: () => made.desired,
    machine: 'running',
    command: (document) => ({
      code: 0,
      said: document === 'hot-able' ? 'following' : 'promoted: it accepts writes since 0/5000000',
    }),
    replica: { source: 'arn:aws:rds:eu-west-1:111122223333:db:orders', status: 'available' },
    sourceField: 'ReadReplicaSourceDBInstanceIdentifier',
    lost: [],
    lag: 'ALARM',
    meanwhile: () => undefined,
    numbers: {},
    calls: [],
    messages: [],
    ...overrides,
  };
  return made;
}

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly QueryLanguage?: string;
  readonly Output?: string;
  readonly Seconds?: number;
  readonly Next?: string;
}

/**
 * Runs a workflow by an interpreter of Amazon's language. What it does not know is played here: states in JSONata by the
 * library that the service's language comes from, and waiting by a clock that a test has in its hand.
 */
export async function run(
  definition: object,
  around: Surroundings,
  input: object,
  execution = 'execution-1',
): Promise<{ readonly status: 'succeeded' | 'failed'; readonly why: string }> {
  const { StateMachine } = await import('aws-local-stepfunctions');
  const given = JSON.parse(JSON.stringify(definition)) as { States: Record<string, State> };
  const handlers: Record<string, (input: never) => unknown> = {};
  const played = Object.fromEntries(
    Object.entries(given.States).map(([name, state]) => {
      if (state.QueryLanguage === 'JSONata') {
        handlers[name] = (value) => evaluate(state.Output ?? '', value, around);
        return [name, { Type: 'Task', Resource: 'arn:aws:states:::clock', Next: state.Next }];
      }
      if (state.Type === 'Wait') {
        handlers[name] = async () => {
          around.now += state.Seconds ?? 0;
          await around.meanwhile(state.Seconds ?? 0);
        };
        return [name, { Type: 'Task', Resource: 'arn:aws:states:::wait', ResultPath: null, Next: state.Next }];
      }
      if (state.Type === 'Task') {
        const call = (state.Resource ?? '').replace(/^arn:aws:states:::(aws-sdk:)?/, '');
        handlers[name] = (parameters) => {
          const given = answer(call, parameters as never, around);
          const at = around.lost.indexOf(name);
          if (at < 0) return given;
          around.lost.splice(at, 1);
          throw new ServiceError('States.Timeout', 'no answer came');
        };
      }
      return [name, state];
    }),
  );
  const emulated = { ...given, States: played };
  const machine = new StateMachine(emulated as never, { validationOptions: validatedOnce(emulated) });
  const { result } = machine.run(input as never, {
    overrides: {
      taskResourceLocalHandlers: handlers as never,
      retryIntervalOverrides: Object.fromEntries(Object.keys(played).map((name) => [name, 0])),
    },
    context: { Execution: { Id: execution, Name: execution } } as never,
  });
  return result.then(
    () => ({ status: 'succeeded' as const, why: '' }),
    (error: unknown) => ({ status: 'failed' as const, why: String(error) }),
  );
}

async function evaluate(output: string, input: unknown, around: Surroundings): Promise<unknown> {
  const expression = jsonata(output.replace(/^\{%|%\}$/g, ''));
  expression.registerFunction('millis', () => around.now * 1000);
  return JSON.parse(JSON.stringify(await expression.evaluate({}, { states: { input } })));
}

interface Update {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
}

function update(around: Surroundings, parameters: Update) {
  const { UpdateExpression: expression, ConditionExpression: condition } = parameters;
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = parameters;
  refuse(parameters);
  if (condition !== undefined && !holds(condition, { item: around.item, names, values }))
    throw new ServiceError('DynamoDb.ConditionalCheckFailedException', 'The conditional request failed');
  const removed = /^REMOVE (\w+)$/.exec(expression)?.[1];
  if (removed !== undefined) delete around.item[removed];
  const [, sets = '', , adds = ''] = /^(?:SET (.*?))?( ?ADD (.*))?$/.exec(expression) ?? [];
  for (const one of sets.split(', ').filter(Boolean)) {
    const [name = '', value = ''] = one.split(' = ');
    around.item[names[name] ?? name] = values[value] ?? {};
  }
  const [name, value] = adds.split(' ');
  if (name && value) {
    const key = names[name] ?? name;
    around.item[key] = { N: String(Number(around.item[key]?.N ?? 0) + Number(values[value]?.N)) };
  }
  return { Attributes: { ...around.item } };
}

/** What DynamoDB refuses before it looks at the item: maps that are empty, and words that no expression has. */
function refuse(parameters: Update): void {
  const text = `${parameters.UpdateExpression} ${parameters.ConditionExpression ?? ''}`;
  const used = text.match(/[#:]\w+/g) ?? [];
  const given = [parameters.ExpressionAttributeNames, parameters.ExpressionAttributeValues].flatMap((map) => {
    if (map && Object.keys(map).length === 0) throw new ServiceError('DynamoDb.DynamoDbException', 'must not be empty');
    return Object.keys(map ?? {});
  });
  if ([...new Set(used)].sort().join() !== given.sort().join())
    throw new ServiceError('DynamoDb.DynamoDbException', `${given.join()} given, and used in: ${text}`);
}

interface Said {
  readonly MetricName: string;
  readonly Value: number;
}

function answer(call: string, parameters: Record<string, never>, around: Surroundings): unknown {
  around.calls.push(call);
  switch (call) {
    case 'sns:publish':
      around.messages.push(String(parameters['Message']));
      return {};
    case 'dynamodb:updateItem':
      return update(around, parameters as unknown as Update);
    case 'dynamodb:getItem':
      // One that was never written has no item.
      return Object.keys(around.item).length === 0 ? {} : { Item: { ...around.item } };
    case 'cloudwatch:putMetricData':
      for (const { MetricName: name, Value: value } of (parameters as unknown as { MetricData: readonly Said[] })
        .MetricData)
        (around.numbers[name] ??= []).push(value);
      return {};
    case 's3:putObject':
      around.objects[String(parameters['Key'])] = parameters['Body'];
      return {};
    case 'autoscaling:describeAutoScalingGroups':
      return { AutoScalingGroups: [{ DesiredCapacity: around.desired }] };
    case 'autoscaling:setDesiredCapacity':
      around.desired = Number(parameters['DesiredCapacity']);
      return {};
    case 'elasticloadbalancingv2:describeTargetHealth':
      return {
        TargetHealthDescriptions: Array.from({ length: around.desired }, (_, index) => ({
          TargetHealth: { State: index < around.healthy() ? 'healthy' : 'unhealthy' },
        })),
      };
    case 'ec2:describeInstances':
      return instances(parameters, around);
    case 'ec2:startInstances':
      around.machine = 'running';
      return {};
    case 'ec2:stopInstances':
      around.machine = 'stopped';
      return {};
    case 'ssm:sendCommand':
      return { Command: { CommandId: String(parameters['DocumentName']) } };
    case 'ssm:getCommandInvocation':
      return invocation(around, String(parameters['CommandId']), String(parameters['InstanceId']));
    case 'rds:describeDBInstances':
      return {
        DbInstances: [
          {
            DbInstanceStatus: around.replica.status,
            ...(around.replica.source !== undefined && {
              [around.sourceField]: around.replica.source,
            }),
          },
        ],
      };
    case 'rds:promoteReadReplica':
      around.replica.source = undefined;
      return {};
    case 'cloudwatch:describeAlarms':
      return { MetricAlarms: [{ StateValue: around.lag }] };
    default:
      throw new Error(`${call} is not played`);
  }
}

function instances(parameters: Record<string, unknown>, { machine }: Surroundings) {
  const filters = parameters['Filters'] as { Name: string; Values: string[] }[];
  const states = filters.find(({ Name }) => Name === 'instance-state-name')?.Values ?? [];
  const indexes = filters.find(({ Name }) => Name === 'tag:hypnoscript:database')?.Values ?? [];
  if (!states.includes(machine)) return { Reservations: [] };
  return { Reservations: indexes.map((index) => ({ Instances: [{ InstanceId: `i-${index}` }] })) };
}

let looks = 0;

function invocation(around: Surroundings, document: string, machine: string) {
  const { code, said, looks: wanted = 0 } = around.command(document, machine);
  looks += 1;
  if (looks <= wanted) return { Status: 'InProgress' };
  looks = 0;
  return {
    Status: code === 0 ? 'Success' : 'Failed',
    ResponseCode: code,
    StandardOutputContent: code === 0 ? said : '',
    StandardErrorContent: code === 0 ? '' : said,
  };
}
