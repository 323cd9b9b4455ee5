import { renderTaskMachine } from '../../lib/aws/task-machine';
import { validatedOnce } from './validated-once';

/** Node 20 lacks what the interpreter uses of Node 22. */
const promises = Promise as unknown as { withResolvers?: () => object };
promises.withResolvers ??= () => {
  const made: { resolve?: unknown; reject?: unknown } = {};
  const promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return { promise, ...made };
};

export const NAMES = {
  partition: 'aws',
  cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/hypnoscript-backup',
  subnets: ['subnet-1', 'subnet-2'],
  securityGroup: 'sg-1',
  table: 'hypnoscript-backup-starts',
  topic: 'arn:aws:sns:eu-west-1:111122223333:hypnoscript-backup-failures',
  namespace: 'HypnoScript/Backup',
  copies: { subnets: ['subnet-3'], securityGroup: 'sg-2', publicAddress: true },
  recordKey: 'arn:aws:kms:eu-west-1:111122223333:key/records',
  testRestores: { cpu: 4096, memoryMiB: 16384, diskGiB: 100 },
  thaws: true,
  hosts: { document: 'hypnoscript-backup-1of1-host', logGroup: '/hypnoscript/hypnoscript-backup-1of1/hosts' },
};

export const INPUT = {
  task: 'postgresql',
  command: 'backup',
  type: 'full',
  scheduled: '2026-11-22T02:15:00Z',
  manifest: 's3://assets/task.json',
  verify: ['verify', '--quick', '--task', 's3://assets/task.json', '--store', 'aws.bucket.acme'],
  prune: ['prune', '--task', 's3://assets/task.json', '--store', 'aws.bucket.acme'],
  taskDefinition: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/hypnoscript-postgresql:1',
  roles: { writer: 'role/writer', verifier: 'role/verifier', pruner: 'role/pruner' },
};

/** A job that pulls copies. */
export const COPY_INPUT = {
  ...INPUT,
  command: 'copy',
  type: '',
  copy: ['copy', '--task', 's3://assets/task.json', '--store', 'aws.bucket.acme'],
};

/** All that is stored is read again. */
export const FULL_READ_INPUT = {
  ...INPUT,
  command: 'verify',
  type: '',
  fullRead: ['verify', '--full', '--task', 's3://assets/task.json', '--store', 'aws.bucket.acme'],
};

/** The newest backup is restored for a test. */
export const TEST_RESTORE_INPUT = {
  ...INPUT,
  command: 'test-restore',
  type: '',
  roles: { ...INPUT.roles, restorer: 'role/restorer' },
  testRestore: ['test-restore', '--task', 's3://assets/task.json', '--metrics', 'emf', '--store', 'aws.bucket.acme'],
};

/** The same of what may lie in an archive. */
export const ARCHIVED_INPUT = {
  ...TEST_RESTORE_INPUT,
  roles: { ...TEST_RESTORE_INPUT.roles, thawer: 'role/thawer' },
  thaw: ['thaw', '--task', 's3://assets/task.json', '--store', 'aws.bucket.acme'],
};

/** A task on a host: it has no writer of its own. */
export const HOST_INPUT = {
  ...INPUT,
  task: 'configuration',
  roles: { verifier: 'role/verifier', pruner: 'role/pruner' },
  host: {
    run: 'backup full',
    where: 'tagged hypnoscript:backup=configuration',
    targets: [{ Key: 'tag:hypnoscript:backup', Values: ['configuration'] }],
    runner: 'https://s3.eu-west-1.amazonaws.com/assets/runner.js',
    runnerSha256: '0'.repeat(64),
    local: true,
  },
};

/** What Run Command is asked to run. */
export interface HostCommand {
  readonly DocumentName: string;
  readonly Targets: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly Parameters: Readonly<Record<string, readonly string[]>>;
}

/** How a command ended on a machine. */
export interface HostEnd {
  readonly id: string;
  /** Left out: the machine never got the command. */
  readonly code?: number;
  /** @default - what the script says first */
  readonly said?: string;
}

/** A container as a task state starts it. */
export interface Container {
  readonly role: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it has where that is not what its definition says: CPU units, MiB of memory, GiB of disk. */
  readonly size?: readonly [string | undefined, string | undefined, number];
}

export interface Outside {
  /** Ends with the exit code of the container; an error is one that ECS itself gives. */
  readonly container: (container: Container) => number | Promise<number>;
  /** How an agent ends that GuardDuty has put first into each task. @default - there is none */
  readonly agent?: number | 'not pulled';
  /** The machines that a command reaches. @default - none */
  readonly hosts?: (command: HostCommand) => readonly HostEnd[] | Promise<readonly HostEnd[]>;
  /** How often a command is still under way when it is asked for. @default 0 */
  readonly polls?: number;
  /** Starts that were delivered before, as the table has them. */
  readonly claimed?: Set<string>;
  /** What the table answers first: its answer is lost though the start is written, or it refuses. @default - it writes */
  readonly claim?: 'lost' | 'refused';
}

/** A container that ECS could not start. */
export const NEVER = -1;
/** A container that ran and has no exit code: its machine is gone. */
export const GONE = -2;

export interface Execution {
  readonly status: 'succeeded' | 'failed';
  /** Error of an execution that failed. */
  readonly why: string;
  readonly containers: readonly Container[];
  readonly commands: readonly HostCommand[];
  readonly metrics: readonly string[];
  readonly messages: readonly { readonly subject: string; readonly message: string }[];
}

/** An error of a service, by the name that the state machine knows it by. */
export class ServiceError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/** Executes the state machine of tasks by an interpreter, with what is outside of it played by the test. */
export async function execute(outside: Outside, input: object = INPUT): Promise<Execution> {
  const { StateMachine } = await import('aws-local-stepfunctions');
  const containers: Container[] = [];
  const service = runCommand(outside);
  const metrics: string[] = [];
  const messages: { subject: string; message: string }[] = [];
  const claimed = outside.claimed ?? new Set<string>();

  let mine: string | undefined;
  const claim = ({ Item, ConditionExpression, ...more }: Claim) => {
    const { S: run } = Item.run;
    if (outside.claim === 'refused') throw new ServiceError('DynamoDB.AmazonDynamoDBException', 'not authorized');
    const own = ConditionExpression.endsWith('OR #execution = :me') && more.ExpressionAttributeValues[':me'].S === mine;
    if (claimed.has(run) && !own)
      throw new ServiceError('DynamoDB.ConditionalCheckFailedException', 'The conditional request failed');
    claimed.add(run);
    const isLost = outside.claim === 'lost' && mine === undefined;
    mine = Item.execution.S;
    if (isLost) throw new ServiceError('DynamoDb.SdkClientException', 'no answer came');
  };
  const runTask = async ({ Overrides }: RunTask) => {
    const [override] = Overrides.ContainerOverrides;
    const container: Container = {
      role: Overrides.TaskRoleArn,
      command: override?.Command ?? [],
      environment: Object.fromEntries((override?.Environment ?? []).map(({ Name, Value }) => [Name, Value])),
      ...(Overrides.EphemeralStorage && {
        size: [Overrides.Cpu, Overrides.Memory, Overrides.EphemeralStorage.SizeInGiB] as const,
      }),
    };
    containers.push(container);
    const code = await outside.container(container);
    const { agent } = outside;
    const beside = { Name: 'aws-guardduty-agent-mfjGLB', ...(typeof agent === 'number' && { ExitCode: agent }) };
    const runner = { Name: 'runner', ...(code !== NEVER && code !== GONE && { ExitCode: code }) };
    const described = {
      ...(code === NEVER
        ? { StopCode: 'TaskFailedToStart', StoppedReason: 'CannotPullContainerError' }
        : { StopCode: 'EssentialContainerExited' }),
      Containers: agent === undefined ? [runner] : [beside, runner],
    };
    // The service looks at every container.
    if (code !== 0 || (agent ?? 0) !== 0) throw new ServiceError('States.TaskFailed', JSON.stringify(described));
    return described;
  };
  const putMetric = ({ MetricData }: { MetricData: { Dimensions: { Value: string }[] }[] }) => {
    metrics.push(MetricData[0]?.Dimensions.map(({ Value }) => Value).join(' ') ?? '');
  };
  const publish = ({ Subject, Message }: { Subject: string; Message: string }) => {
    messages.push({ subject: Subject, message: Message });
  };

  const definition = JSON.parse(JSON.stringify(renderTaskMachine(NAMES))) as Definition;
  const all = Object.entries(definition.States).flatMap(([name, state]) => [
    [name, state] as const,
    ...Object.entries(state.ItemProcessor?.States ?? {}),
  ]);
  const handlers = Object.fromEntries(
    all.flatMap(([name, { Type, Resource = '' }]): (readonly [string, unknown])[] => {
      if (Type !== 'Task') return [];
      if (Resource.endsWith('dynamodb:putItem')) return [[name, claim]];
      if (Resource.endsWith('ecs:runTask.sync')) return [[name, runTask]];
      const [, call] = /aws-sdk:ssm:(\w+)$/.exec(Resource) ?? [];
      if (call !== undefined) return [[name, service.calls[call]]];
      return [[name, Resource.endsWith('sns:publish') ? publish : putMetric]];
    }),
  );
  const machine = new StateMachine(definition as never, { validationOptions: validatedOnce(definition) });
  const waits = Object.fromEntries(all.map(([name]) => [name, 0]));
  const { result } = machine.run(input as never, {
    overrides: {
      taskResourceLocalHandlers: handlers as never,
      waitTimeOverrides: waits,
      retryIntervalOverrides: waits,
    },
    context: { Execution: { Id: 'execution-1' } } as never,
  });
  const [status, why] = await result.then(
    () => ['succeeded', ''] as const,
    (error: unknown) => ['failed', String(error)] as const,
  );
  return { status, why, containers, commands: service.commands, metrics, messages };
}

/** Run Command, as far as the states ask it: what it says of a tag that is on no machine is a success. */
function runCommand({ hosts = () => [], polls = 0 }: Outside) {
  const commands: HostCommand[] = [];
  const ends = new Map<string, readonly HostEnd[]>();
  let asked = 0;
  return {
    commands,
    calls: {
      sendCommand: async (command: HostCommand) => {
        commands.push(command);
        const id = `command-${commands.length}`;
        ends.set(id, await hosts(command));
        asked = 0;
        return { Command: { CommandId: id, Status: 'Pending' } };
      },
      listCommands: ({ CommandId }: { CommandId: string }) => {
        asked += 1;
        const failed = ends.get(CommandId)?.some(({ code }) => code !== 0) ?? false;
        return { Commands: [{ Status: asked <= polls ? 'InProgress' : failed ? 'Failed' : 'Success' }] };
      },
      listCommandInvocations: ({ CommandId }: { CommandId: string }) => ({
        CommandInvocations: ends.get(CommandId)?.map(({ id }) => ({ InstanceId: id })) ?? [],
      }),
      getCommandInvocation: ({ CommandId, InstanceId }: { CommandId: string; InstanceId: string }) => {
        const end = ends.get(CommandId)?.find(({ id }) => id === InstanceId);
        if (end?.code === undefined) throw new ServiceError('Ssm.InvocationDoesNotExistException', 'not delivered');
        return { ResponseCode: end.code, StandardOutputContent: end.said ?? 'hypdr-host: it runs\n' };
      },
    } as Readonly<Record<string, unknown>>,
  };
}

interface Definition {
  readonly States: Readonly<Record<string, DefinedState & { readonly ItemProcessor?: Pick<Definition, 'States'> }>>;
}

interface DefinedState {
  readonly Type: string;
  readonly Resource?: string;
}

interface Claim {
  readonly Item: { readonly run: { readonly S: string }; readonly execution: { readonly S: string } };
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: { readonly ':me': { readonly S: string } };
}

interface RunTask {
  readonly Overrides: {
    readonly TaskRoleArn: string;
    readonly Cpu?: string;
    readonly Memory?: string;
    readonly EphemeralStorage?: { readonly SizeInGiB: number };
    readonly ContainerOverrides: readonly {
      readonly Command: readonly string[];
      readonly Environment: readonly { readonly Name: string; readonly Value: string }[];
    }[];
  };
}
