import { need } from '../../../../plan/support';
import type { Ask } from '../../rights';
import { arnsAt, overwrite, plain } from '../asks';
import type { Rows } from '../asks';
import { rolesOf } from '../roles';
import type { Role } from '../roles';
import { idIs, takenBy } from './kind';
import type { RoleKind } from './kind';
import { guardsOfKey } from './starting';
import { sharedOf, shardOf } from './tasks';

interface Machine {
  readonly name: string;
  readonly arn: string;
  readonly definition: string;
}

/** The state machine that acts as a role. */
export function machineOf({ arn, resolved, stack, title }: Role): Machine {
  for (const [id, { Type, Properties = {} }] of Object.entries(stack.resources)) {
    if (Type !== 'AWS::StepFunctions::StateMachine' || resolved.value(Properties.RoleArn) !== arn) continue;
    return {
      name: String(Properties.StateMachineName),
      arn: resolved.text({ Ref: id }),
      definition: resolved.text(Properties.DefinitionString),
    };
  }
  throw new Error(`no machine acts as ${title}`);
}

/** What every state machine does beside its own: writes its log and its traces, by a key of its stack. */
export function watchingRows(role: Role): Rows {
  const { resolved, stack } = role;
  const { name } = machineOf(role);
  const group = Object.values(stack.resources).find(
    ({ Type, Properties = {} }) =>
      Type === 'AWS::Logs::LogGroup' && Properties.LogGroupName === `/aws/vendedlogs/states/${name}`,
  );
  const key = resolved.text(need(group, `log of ${name}`).Properties?.KmsKeyId);
  return {
    allowed: [
      ...[
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
      ].map((action) => plain(action, '*')),
      plain('kms:Decrypt', key),
      plain('kms:GenerateDataKey', key),
    ],
    forbidden: [
      ...guardsOfKey(key),
      plain('states:UpdateStateMachine', machineOf(role).arn),
      plain('logs:DeleteLogGroup', arnsAt(role)('logs', `log-group:/aws/vendedlogs/states/${name}`)),
    ],
  };
}

/** The first of a type in the stack of what is shared. */
function sharedThing(role: Role, type: string, property: string): string {
  const found = Object.values(sharedOf(role).resources).find(({ Type }) => Type === type);
  return String(need(found, type).Properties?.[property]);
}

const ECS = 'ecs-tasks.amazonaws.com';
const pass = (role: string, service: string): Ask => plain('iam:PassRole', role, { 'iam:PassedToService': service });

function taskMachineRows(role: Role): Rows {
  const { stack, resolved, deployment } = role;
  const arn = arnsAt(role);
  const cluster = arn('ecs', `cluster/${sharedThing(role, 'AWS::ECS::Cluster', 'ClusterName')}`);
  const table = arn('dynamodb', `table/${sharedThing(role, 'AWS::DynamoDB::Table', 'TableName')}`);
  const topic = arn('sns', sharedThing(role, 'AWS::SNS::Topic', 'TopicName'));
  const another = cluster.replace(/[^/]+$/, 'of-another');
  const definitions = Object.values(stack.resources).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
  const families = definitions.map(({ Properties = {} }) => String(Properties.Family));
  const executions = definitions.map(({ Properties = {} }) => resolved.text(Properties.ExecutionRoleArn));
  const all = rolesOf([deployment]).filter((one) => one.stack.account === stack.account);
  const containers = all
    .filter((one) => one.stack === stack && one.path.startsWith('/hypnoscript/'))
    .map((one) => one.arn);
  const own = new Set([...containers, ...executions]);
  const others = all.map((one) => one.arn).filter((one) => !own.has(one));
  const strange = families.map((family) => `task-definition/x${family}:1`);
  const theirs = deployment.stacks.flatMap((one) =>
    one === stack || one.region !== stack.region
      ? []
      : Object.values(one.resources).flatMap(({ Type, Properties = {} }) =>
          Type === 'AWS::ECS::TaskDefinition' ? [`task-definition/${String(Properties.Family)}:1`] : [],
        ),
  );
  const run = (definition: string, where: string) =>
    plain('ecs:RunTask', arn('ecs', definition), { 'ecs:cluster': where });
  const running = arn('ecs', `task/${cluster.split('/')[1] ?? ''}/0011`);
  const metric = (namespace: string) => plain('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': namespace });
  const [, namespace = ''] = /"Namespace":"([^"]+)"/.exec(machineOf(role).definition) ?? [];
  const rule = arn('events', 'rule/StepFunctionsGetEventsForECSTaskRule');
  const hosts = hostRows(role);
  const watching = watchingRows(role);
  return {
    allowed: [
      ...families.map((family) => run(`task-definition/${family}:1`, cluster)),
      ...['StopTask', 'DescribeTasks'].map((one) => plain(`ecs:${one}`, running, { 'ecs:cluster': cluster })),
      ...[...own].map((one) => pass(one, ECS)),
      ...['PutTargets', 'PutRule', 'DescribeRule'].map((one) => plain(`events:${one}`, rule)),
      plain('dynamodb:PutItem', table),
      metric(namespace),
      plain('sns:Publish', topic),
      ...hosts.allowed,
      ...watching.allowed,
    ],
    forbidden: [
      ...families.map((family) => run(`task-definition/${family}:1`, another)),
      ...families.map((family) => ({ ...run(`task-definition/${family}:1`, cluster), action: 'ecs:StartTask' })),
      ...[...strange, ...theirs].map((definition) => run(definition, cluster)),
      ...['StopTask', 'DescribeTasks'].map((one) => plain(`ecs:${one}`, running, { 'ecs:cluster': another })),
      ...['ExecuteCommand', 'DeregisterTaskDefinition'].map((one) => plain(`ecs:${one}`, running)).slice(0, 1),
      // Its roles go to containers alone, and no other role goes anywhere.
      ...[...own].flatMap((one) => ['lambda', 'ec2', 'states'].map((service) => pass(one, `${service}.amazonaws.com`))),
      ...[...own].map((one) => plain('iam:PassRole', one)),
      ...others.map((one) => pass(one, ECS)),
      ...[...own].map((one) => plain('sts:AssumeRole', one)),
      ...['DeleteRule', 'RemoveTargets', 'DisableRule'].map((one) => plain(`events:${one}`, rule)),
      ...['GetItem', 'UpdateItem', 'DeleteItem', 'DeleteTable', 'Scan'].map((one) => plain(`dynamodb:${one}`, table)),
      metric('AWS/EC2'),
      metric(''),
      ...['Subscribe', 'DeleteTopic', 'SetTopicAttributes'].map((one) => plain(`sns:${one}`, topic)),
      plain('sns:Publish', topic, { 'aws:SecureTransport': 'false' }),
      plain('states:StartExecution', machineOf(role).arn),
      ...hosts.forbidden,
      ...watching.forbidden,
    ],
  };
}

/** Commands to hosts: by the document of the shard, to the machines of its tasks, however they are named. */
function hostRows(role: Role): Rows {
  const { tasks, hosts, prefix, shard, shards } = shardOf(role);
  const arn = arnsAt(role);
  const document = arn('ssm', `document/${prefix}-backup-${shard}of${shards}-host`);
  const nodes = [arn('ec2', 'instance/i-0123456789abcdef0'), arn('ssm', 'managed-instance/mi-0123456789abcdef0')];
  const send = (resource: string, key: string, value: string) =>
    plain('ssm:SendCommand', resource, { [`ssm:resourceTag/${key}`]: value });
  const targets = tasks.flatMap(({ host }) => (host ? [host.target] : []));
  const tags = targets.flatMap((one) => (one.kind === 'tag' ? [one] : []));
  const single = targets.flatMap((one) =>
    one.kind === 'node'
      ? [one.node.startsWith('mi-') ? arn('ssm', `managed-instance/${one.node}`) : arn('ec2', `instance/${one.node}`)]
      : [],
  );
  const questions = ['ListCommands', 'ListCommandInvocations', 'GetCommandInvocation'].map((one) =>
    plain(`ssm:${one}`, '*'),
  );
  const sending = [
    plain('ssm:SendCommand', document),
    ...tags.flatMap(({ key, value }) => nodes.map((node) => send(node, key, value))),
    ...single.map((node) => plain('ssm:SendCommand', node)),
  ];
  return {
    allowed: hosts ? [...sending, ...questions] : [],
    forbidden: [
      ...(hosts ? [] : [plain('ssm:SendCommand', document), ...questions]),
      plain('ssm:SendCommand', document.replace(/of(\d+)-host$/, 'of9$1-host')),
      ...tags
        .slice(0, 1)
        .flatMap(({ key, value }) => [
          { ...send(arn('ec2', 'instance/i-0123456789abcdef0'), key, value), action: 'ssm:StartSession' },
          send(`arn:aws:ec2:ap-south-1:${role.stack.account}:instance/i-0123456789abcdef0`, key, value),
        ]),
      ...tags.slice(0, 2).flatMap(({ key }) => nodes.map((node) => send(node, key, 'of-another'))),
      ...nodes.map((node) => plain('ssm:SendCommand', node)),
      ...['UpdateDocument', 'DeleteDocument'].map((one) => plain(`ssm:${one}`, document)),
    ],
  };
}

function startMachineRows(role: Role): Rows {
  const { prefix, shard, shards } = shardOf(role);
  const name = `${prefix}-backup-${shard}of${shards}`;
  const arn = arnsAt(role);
  const bucket = `arn:aws:s3:::cdk-hnb659fds-assets-${role.stack.account}-${role.stack.region}`;
  const own = machineOf(role);
  const tasks = arn('states', `stateMachine:${name}`);
  const topic = arn('sns', sharedThing(role, 'AWS::SNS::Topic', 'TopicName'));
  const child = (machine: string, rest: string) => arn('states', `execution:${machine}${rest}`);
  const watching = watchingRows(role);
  const executions = ['DescribeExecution', 'StopExecution'].map((one) => `states:${one}`);
  return {
    allowed: [
      plain('s3:GetObject', `${bucket}/${name}/0011.json`),
      plain('states:StartExecution', own.arn),
      plain('states:StartExecution', tasks),
      ...executions.map((action) => plain(action, child(own.name, ':0011'))),
      plain('sns:Publish', topic),
      ...watching.allowed,
    ],
    forbidden: [
      plain('s3:GetObject', `${bucket}/${name}/0011.zip`),
      plain('s3:GetObject', `${bucket}/${name}-of-another/0011.json`),
      plain('s3:GetObject', `${bucket}/0011.json`),
      overwrite(`${bucket}/${name}/0011.json`),
      plain('states:StartExecution', `${tasks.replace(/\d+of/, '99of')}`),
      ...executions.map((action) => plain(action, child(name, ':0011'))),
      plain('states:StopExecution', child(`${own.name}-of-another`, ':0011')),
      ...['RedriveExecution', 'GetExecutionHistory'].map((one) => plain(`states:${one}`, child(own.name, ':0011'))),
      ...['Subscribe', 'DeleteTopic'].map((one) => plain(`sns:${one}`, topic)),
      plain('ecs:RunTask', arn('ecs', `task-definition/${name}-tasks:1`), { 'ecs:cluster': arn('ecs', 'cluster/x') }),
      pass(arn('iam', `role/hypnoscript/${name}/x`), ECS),
      ...watching.forbidden,
    ],
  };
}

export const MACHINE_KINDS: readonly RoleKind[] = [
  {
    name: 'machine of tasks',
    matches: idIs(/^machinerole$/),
    rows: taskMachineRows,
    trust: (role) => takenBy('states.amazonaws.com', role),
  },
  {
    name: 'machine of lists of starts',
    matches: idIs(/^startsrole$/),
    rows: startMachineRows,
    trust: (role) => takenBy('states.amazonaws.com', role),
  },
];
