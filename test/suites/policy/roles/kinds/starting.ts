import type { Ask } from '../../rights';
import { arnsAt, plain } from '../asks';
import type { Rows } from '../asks';
import type { Role } from '../roles';
import { idIs, takenBy } from './kind';
import type { RoleKind } from './kind';

interface Target {
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly DeadLetterConfig?: { readonly Arn: string };
}

/** What schedules and rules start as a role. */
export function targetsOf({ arn, resolved, stack, title }: Role): readonly Target[] {
  const targets = Object.values(stack.resources).flatMap(({ Type, Properties = {} }) => {
    if (Type === 'AWS::Scheduler::Schedule') return [resolved.value(Properties.Target) as Target];
    if (Type === 'AWS::Events::Rule') return resolved.value(Properties.Targets) as Target[];
    return [];
  });
  const own = targets.filter(({ RoleArn }) => RoleArn === arn);
  if (own.length === 0) throw new Error(`nothing is started as ${title}`);
  return own;
}

const ACTIONS: readonly (readonly [RegExp, string])[] = [
  [/:states:.*:stateMachine:/, 'states:StartExecution'],
  [/:lambda:.*:function:/, 'lambda:InvokeFunction'],
  [/:events:.*:event-bus\//, 'events:PutEvents'],
];

function starting(target: string): readonly Ask[] {
  return ACTIONS.flatMap(([pattern, action]) => (pattern.test(target) ? [plain(action, target)] : []));
}

/** Everything that could be started in a deployment. */
function startable({ deployment, stack }: Role): readonly Ask[] {
  return deployment.stacks
    .filter(({ region }) => region === stack.region)
    .flatMap(({ resources, region, account }) =>
      Object.entries(resources).flatMap(([id, { Type, Properties = {} }]) => {
        if (Type === 'AWS::StepFunctions::StateMachine')
          return starting(`arn:aws:states:${region}:${account}:stateMachine:${String(Properties.StateMachineName)}`);
        if (Type === 'AWS::Lambda::Function')
          return starting(`arn:aws:lambda:${region}:${account}:function:${String(Properties.FunctionName ?? id)}`);
        return [];
      }),
    );
}

/** The queue for starts that could not be delivered: it is filled, and emptied by nobody here. */
export function queueRows(role: Role, queues: readonly string[]): Rows {
  const keys = [...new Set(queues)].map((queue) => ({ queue, key: keyOfQueue(role, queue) }));
  return {
    allowed: keys.flatMap(({ queue, key }) => [
      plain('sqs:SendMessage', queue),
      plain('kms:Decrypt', key),
      plain('kms:GenerateDataKey', key),
    ]),
    forbidden: keys.flatMap(({ queue, key }) => [
      ...['ReceiveMessage', 'DeleteMessage', 'PurgeQueue', 'DeleteQueue', 'SetQueueAttributes'].map((one) =>
        plain(`sqs:${one}`, queue),
      ),
      plain('sqs:SendMessage', queue, { 'aws:SecureTransport': 'false' }),
      ...guardsOfKey(key),
    ]),
  };
}

/** What nobody may do with the key of messages and logs who only sends and reads them. */
export function guardsOfKey(key: string): readonly Ask[] {
  return ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'Encrypt', 'CreateGrant'].map((one) =>
    plain(`kms:${one}`, key),
  );
}

function keyOfQueue({ resolved, stack }: Role, queue: string): string {
  for (const [id, { Type, Properties = {} }] of Object.entries(stack.resources)) {
    if (Type === 'AWS::SQS::Queue' && resolved.value({ 'Fn::GetAtt': [id, 'Arn'] }) === queue)
      return resolved.text(Properties.KmsMasterKeyId);
  }
  throw new Error(`no queue ${queue}`);
}

export function startRows(role: Role): Rows {
  const targets = targetsOf(role);
  const started = targets.flatMap(({ Arn }) => starting(Arn));
  const own = new Set(started.map(({ resource }) => resource));
  const queues = queueRows(
    role,
    targets.flatMap(({ DeadLetterConfig }) => DeadLetterConfig?.Arn ?? []),
  );
  const arn = arnsAt(role);
  return {
    allowed: [...started, ...queues.allowed],
    forbidden: [
      ...startable(role).filter(({ resource }) => !own.has(resource)),
      ...[...own].flatMap((resource) =>
        [
          plain('states:UpdateStateMachine', resource),
          plain('states:DeleteStateMachine', resource),
          plain('lambda:UpdateFunctionCode', resource),
          plain('events:DeleteEventBus', resource),
          plain('states:StopExecution', `${resource.replace(':stateMachine:', ':execution:')}:0011`),
        ].filter(({ action, resource: on }) => on.includes(`:${action.split(':')[0] ?? ''}:`)),
      ),
      ...queues.forbidden,
      plain('events:PutEvents', arn('events', 'event-bus/of-another')),
      plain('scheduler:UpdateSchedule', arn('scheduler', `schedule/${role.stack.stack}/x`)),
    ],
  };
}

/** What schedules and events start: each its own, by a role that does nothing else. */
export const STARTING_KINDS: readonly RoleKind[] = [
  {
    name: 'starts tasks, or lists of them',
    matches: idIs(/^(schedules|starts)scheduler$/),
    rows: startRows,
    trust: (role) => takenBy('scheduler.amazonaws.com', role),
  },
  {
    name: 'starts the prober',
    matches: idIs(/^proberstart$/),
    rows: startRows,
    trust: (role) => takenBy('scheduler.amazonaws.com', role),
  },
  {
    name: 'starts a workflow of a site',
    matches: idIs(/^(activation(watch|first)|activeminute)$/),
    rows: startRows,
    trust: (role) => takenBy('events.amazonaws.com', role),
  },
  {
    name: 'tells the region of a site what an alarm says',
    matches: idIs(/^signalrole$/),
    rows: startRows,
    trust: (role) => takenBy('events.amazonaws.com', role),
  },
];
