import { SITE_NAMESPACE, leaseKey, siteStackNames } from '../../../../../lib/aws/site/names';
import { need } from '../../../../plan/support';
import type { Ask } from '../../rights';
import { arnsAt, bucketGuards, list, overwrite, plain, secretOf } from '../asks';
import type { Rows } from '../asks';
import { ELSEWHERE } from '../keys';
import { placeRows } from '../places';
import type { Role } from '../roles';
import { idIs, takenBy, takenUnasked } from './kind';
import type { RoleKind } from './kind';
import { machineOf, watchingRows } from './machines';
import { guardsOfKey, queueRows, targetsOf } from './starting';
import { guardsOfSecret } from './tasks';

export function siteOf({ deployment, stack }: Role) {
  return need(
    deployment.plan?.sites.find((one) => one.cloud === 'aws' && siteStackNames(one).includes(stack.stack)),
    `site of ${stack.stack}`,
  );
}

/** What the stack of a site has of a type, by its name or its ARN. */
export function things({ stack, resolved }: Role, type: string, attribute?: 'Arn'): readonly string[] {
  return Object.entries(stack.resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id]) => resolved.text(attribute ? { 'Fn::GetAtt': [id, attribute] } : { Ref: id }));
}

/** The bucket of the lease and of the records, by its name. */
function stateOf(role: Role): string {
  const name = things(role, 'AWS::S3::Bucket').find((one) => one.includes('-state-'));
  return `arn:aws:s3:::${need(name, 'bucket of the lease')}`;
}

const metric = (namespace: string): Ask =>
  plain('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': namespace });

/** A machine of the site, and those of others: one of this deployment, and one of the same name of another deployment. */
function machinesOf(role: Role) {
  const { name, prefix } = siteOf(role);
  const instance = arnsAt(role)('ec2', 'instance/i-0123456789abcdef0');
  const tagged = (action: string, site: string) =>
    plain(`ec2:${action}`, instance, { 'aws:ResourceTag/hypnoscript:site': site });
  const sent = (site: string) => plain('ssm:SendCommand', instance, { 'ssm:resourceTag/hypnoscript:site': site });
  return {
    own: (action: string) => tagged(action, prefix),
    of: (action: string) => [`${prefix}-of-another`, name].map((site) => tagged(action, site)),
    sent: sent(prefix),
    /** What the tag of the site would open, were it not for what is named beside it. */
    beside: [
      { ...sent(prefix), action: 'ssm:StartSession' },
      ...[tagged('StartInstances', prefix), tagged('StopInstances', prefix), sent(prefix)].map((ask) => ({
        ...ask,
        resource: `arn:aws:ec2:ap-south-1:${role.stack.account}:instance/i-0123456789abcdef0`,
      })),
    ],
    sentToAnother: [`${prefix}-of-another`, name].map(sent),
  };
}

/** What starting machines with disks takes of the key of the site: grants for services, and for nobody else. */
const grant = (key: string, forService: string) =>
  plain('kms:CreateGrant', key, { 'kms:GrantIsForAWSResource': forService });

/** What Systems Manager's agent asks for on every machine. */
function agentRows(role: Role): Rows {
  const arn = arnsAt(role);
  const instance = arn('ec2', 'instance/i-0123456789abcdef0');
  return {
    allowed: [
      plain('ssm:UpdateInstanceInformation', instance),
      plain('ssm:ListInstanceAssociations', instance),
      plain('ssm:GetDocument', arn('ssm', 'document/some')),
      plain('ssm:PutInventory', '*'),
      ...['CreateControlChannel', 'OpenDataChannel'].map((one) => plain(`ssmmessages:${one}`, '*')),
      ...['GetMessages', 'AcknowledgeMessage', 'SendReply'].map((one) => plain(`ec2messages:${one}`, '*')),
    ],
    forbidden: [
      ...things(role, 'AWS::SSM::Document').map((name) => plain('ssm:SendCommand', arn('ssm', `document/${name}`))),
      ...things(role, 'AWS::SSM::Document').map((name) => plain('ssm:UpdateDocument', arn('ssm', `document/${name}`))),
      plain('ssm:CreateAssociation', instance),
      machinesOf(role).sent,
      machinesOf(role).own('StopInstances'),
      machinesOf(role).own('StartInstances'),
      machinesOf(role).own('TerminateInstances'),
      ...things(role, 'AWS::StepFunctions::StateMachine').map((machine) => plain('states:StartExecution', machine)),
      ...things(role, 'AWS::DynamoDB::Table', 'Arn').flatMap((table) =>
        ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((one) => plain(`dynamodb:${one}`, table)),
      ),
      ...things(role, 'AWS::SNS::Topic').map((topic) => plain('sns:Publish', topic)),
    ],
  };
}

/** Where the lease and the records are: seen, or written, and never deleted. */
export function stateRows(role: Role, may: 'read' | 'write' | 'nothing'): Rows {
  const bucket = stateOf(role);
  const lease = `${bucket}/${leaseKey(siteOf(role))}`;
  const record = `${bucket}/records/1-activate-0011.json`;
  const reading = [plain('s3:GetObject', lease), list(bucket, leaseKey(siteOf(role)))];
  const writing = [overwrite(lease), overwrite(record)];
  return {
    allowed: [...(may === 'read' ? reading : []), ...(may === 'write' ? writing : [])],
    forbidden: [
      ...(may === 'read' ? [] : reading),
      ...(may === 'write' ? [] : writing),
      ...bucketGuards(bucket, lease),
      ...bucketGuards(bucket, record),
      overwrite(`${lease}_of_another`),
      overwrite(`${bucket}/other`),
      plain('s3:GetObject', `${lease}_of_another`),
      plain('s3:GetObject', record),
      list(bucket, ''),
      list(bucket, 'records/'),
      list(bucket, leaseKey(siteOf(role)), 's3:ListBucketVersions'),
      list('arn:aws:s3:::somebody-else', leaseKey(siteOf(role))),
      { ...overwrite(lease), context: { 'aws:SecureTransport': 'false' } },
    ],
  };
}

function computeRows(role: Role): Rows {
  const [agent, state] = [agentRows(role), stateRows(role, 'nothing')];
  return {
    allowed: agent.allowed,
    forbidden: [...agent.forbidden, ...state.forbidden, ...databaseRights(role), metric(SITE_NAMESPACE)],
  };
}

/** What only a machine with the database may do. */
function databaseRights(role: Role): readonly Ask[] {
  const { primary } = siteOf(role).synchronization;
  return primary === undefined ? [] : [secretOf(role, primary.secret)];
}

function databaseRows(role: Role): Rows {
  const site = siteOf(role);
  const { archive, restores } = site.synchronization;
  const [agent, state] = [agentRows(role), stateRows(role, 'read')];
  const uploads = `arn:aws:s3:::cdk-hnb659fds-assets-${role.stack.account}-${role.stack.region}`;
  // What a machine fetches at its first start, each by the hash that is its name.
  const text = JSON.stringify(
    Object.values(role.stack.resources).filter(({ Type }) => Type === 'AWS::EC2::LaunchTemplate'),
  );
  const files = [...new Set(text.match(/[0-9a-f]{64}\.(sh|js)\b/g))];
  const tasks = (role.deployment.plan?.awsTasks.shards ?? []).flatMap((shard) => shard.tasks);
  const read = tasks.filter(({ task }) => restores?.tasks.includes(task));
  const places = read.flatMap(({ task, stores }) =>
    stores.map((store) => placeRows(role, 'reader', { store, ledgers: [`_verified/${task}/`] })),
  );
  // Into the stores of its data set, once the site is active: what a task's own writer may, and no more.
  const taken = tasks
    .filter(({ task, reads }) => task === site.backups?.task && reads.length === 0)
    .flatMap(({ task, stores }) =>
      stores.map((store) => placeRows(role, 'writer', { store, ledgers: [`_verified/${task}/`] })),
    );
  const kept = archive ? archiveRows(role, archive.path, archive.name) : { allowed: [], forbidden: [] };
  return {
    allowed: [
      ...agent.allowed,
      ...state.allowed,
      metric(SITE_NAMESPACE),
      ...databaseRights(role),
      ...files.map((file) => plain('s3:GetObject', `${uploads}/${file}`)),
      ...[...places, ...taken].flatMap(({ allowed }) => allowed),
      ...kept.allowed,
    ],
    forbidden: [
      ...agent.forbidden,
      ...state.forbidden,
      metric('AWS/EC2'),
      ...databaseRights(role).flatMap(guardsOfSecret),
      plain('s3:GetObject', `${uploads}/${'0'.repeat(64)}.sh`),
      ...files.map((file) => overwrite(`${uploads}/${file}`)),
      ...[...places, ...taken].flatMap(({ forbidden }) => forbidden),
      ...kept.forbidden,
    ],
  };
}

/** The log of the primary: a machine of the site reads it, and the primary alone writes it. */
function archiveRows(role: Role, path: string, name: string): Rows {
  const bucket = `arn:aws:s3:::${need(
    things(role, 'AWS::S3::Bucket').find((one) => one.startsWith(name)),
    'archive',
  )}`;
  const segment = `${bucket}/${path}/archive/x/16-1/0000000100000000/a`;
  const [key = ''] = things(role, 'AWS::KMS::Key', 'Arn');
  const via = (service: string) => ({ 'kms:ViaService': `${service}.${role.stack.region}.amazonaws.com` });
  return {
    allowed: [
      plain('s3:GetObject', segment),
      list(bucket, path),
      list(bucket, `${path}/archive/`),
      plain('kms:Decrypt', key, via('s3')),
    ],
    forbidden: [
      overwrite(segment),
      ...bucketGuards(bucket, segment),
      plain('s3:GetObject', `${bucket}/of-another/a`),
      list(bucket, ''),
      list(bucket, path, 's3:ListBucketVersions'),
      list('arn:aws:s3:::somebody-else', path),
      plain('kms:Decrypt', ELSEWHERE, via('s3')),
      plain('kms:Decrypt', key),
      plain('kms:Decrypt', key, via('ebs')),
      plain('kms:GenerateDataKey', key, via('s3')),
      ...guardsOfKey(key),
    ],
  };
}

function restoreRows(role: Role): Rows {
  const queues = targetsOf(role).flatMap(({ DeadLetterConfig }) => DeadLetterConfig?.Arn ?? []);
  const queue = queueRows(role, queues);
  const [key = ''] = things(role, 'AWS::KMS::Key', 'Arn');
  const { own, of, sent, beside } = machinesOf(role);
  return {
    allowed: [own('StartInstances'), grant(key, 'true'), ...queue.allowed],
    forbidden: [
      ...of('StartInstances'),
      ...['StopInstances', 'TerminateInstances', 'RebootInstances', 'ModifyInstanceAttribute'].map(own),
      grant(key, 'false'),
      { ...grant(key, 'true'), action: 'kms:RevokeGrant' },
      grant(ELSEWHERE, 'true'),
      sent,
      ...beside,
      ...things(role, 'AWS::StepFunctions::StateMachine').map((machine) => plain('states:StartExecution', machine)),
      ...queue.forbidden,
    ],
  };
}

/** A workflow: what its states call, on the things of its site; nothing that only the other one calls. */
function workflowRows(role: Role): Rows {
  const { definition, arn: own } = machineOf(role);
  const arn = arnsAt(role);
  const calls = (call: string) => new RegExp(`:states:::(aws-sdk:)?${call}"`).test(definition);
  const rows = (is: boolean, asks: readonly Ask[]) => ({ [is ? 'allowed' : 'forbidden']: asks });
  const { own: machine, of, sent, sentToAnother, beside } = machinesOf(role);
  const [table = ''] = things(role, 'AWS::DynamoDB::Table', 'Arn');
  const [topic = ''] = things(role, 'AWS::SNS::Topic');
  const [key = ''] = things(role, 'AWS::KMS::Key', 'Arn');
  const groups = things(role, 'AWS::AutoScaling::AutoScalingGroup').map(() =>
    arn('autoscaling', `autoScalingGroup:0011:autoScalingGroupName/${siteOf(role).prefix}-machines`),
  );
  const databases = things(role, 'AWS::RDS::DBInstance').map((name) => arn('rds', `db:${name}`));
  const documents = things(role, 'AWS::SSM::Document');
  const has = documents.some((name) => definition.includes(`"DocumentName":"${name}"`));
  const starts = calls('ec2:startInstances');
  const [watching, state] = [watchingRows(role), stateRows(role, calls('s3:putObject') ? 'write' : 'nothing')];
  const parts: readonly Partial<Rows>[] = [
    watching,
    state,
    rows(calls('dynamodb:updateItem'), [plain('dynamodb:UpdateItem', table)]),
    rows(calls('dynamodb:getItem'), [plain('dynamodb:GetItem', table)]),
    rows(calls('sns:publish'), [plain('sns:Publish', topic)]),
    rows(calls('cloudwatch:putMetricData'), [metric(SITE_NAMESPACE)]),
    rows(calls('cloudwatch:describeAlarms'), [plain('cloudwatch:DescribeAlarms', arn('cloudwatch', 'alarm:x'))]),
    rows(
      calls('autoscaling:setDesiredCapacity'),
      groups.map((group) => plain('autoscaling:SetDesiredCapacity', group)),
    ),
    rows(calls('autoscaling:describeAutoScalingGroups'), [plain('autoscaling:DescribeAutoScalingGroups', '*')]),
    rows(calls('elasticloadbalancingv2:describeTargetHealth'), [
      plain('elasticloadbalancing:DescribeTargetHealth', '*'),
    ]),
    rows(calls('ec2:describeInstances'), [plain('ec2:DescribeInstances', '*')]),
    rows(starts, [machine('StartInstances'), grant(key, 'true')]),
    rows(calls('ec2:stopInstances'), [machine('StopInstances')]),
    rows(calls('ssm:getCommandInvocation'), [plain('ssm:GetCommandInvocation', '*')]),
    rows(has, [sent]),
    ...documents.map((name) =>
      rows(definition.includes(`"DocumentName":"${name}"`), [plain('ssm:SendCommand', arn('ssm', `document/${name}`))]),
    ),
    rows(
      calls('rds:promoteReadReplica'),
      databases.map((database) => plain('rds:PromoteReadReplica', database)),
    ),
    rows(
      calls('rds:describeDBInstances'),
      databases.map((database) => plain('rds:DescribeDBInstances', database)),
    ),
  ];
  return {
    allowed: parts.flatMap(({ allowed = [] }) => allowed),
    forbidden: [
      ...parts.flatMap(({ forbidden = [] }) => forbidden),
      ...things(role, 'AWS::StepFunctions::StateMachine').map((one) => plain('states:StartExecution', one)),
      plain('states:StopExecution', `${own.replace(':stateMachine:', ':execution:')}:0011`),
      ...of('StartInstances'),
      ...of('StopInstances'),
      ...sentToAnother,
      ...beside,
      ...documents.flatMap((one) =>
        ['UpdateDocument', 'DeleteDocument'].map((action) => plain(`ssm:${action}`, arn('ssm', `document/${one}`))),
      ),
      { ...grant(key, 'true'), action: 'kms:RevokeGrant' },
      grant(ELSEWHERE, 'true'),
      grant(key, 'false'),
      ...['TerminateInstances', 'RebootInstances'].map(machine),
      ...databases.flatMap((database) =>
        ['DeleteDBInstance', 'ModifyDBInstance', 'StopDBInstance', 'RebootDBInstance'].map((one) =>
          plain(`rds:${one}`, database),
        ),
      ),
      ...['DeleteItem', 'PutItem', 'DeleteTable', 'UpdateTable'].map((one) => plain(`dynamodb:${one}`, table)),
      ...['Subscribe', 'DeleteTopic', 'SetTopicAttributes'].map((one) => plain(`sns:${one}`, topic)),
      ...groups.flatMap((group) =>
        ['DeleteAutoScalingGroup', 'UpdateAutoScalingGroup', 'SuspendProcesses'].map((one) =>
          plain(`autoscaling:${one}`, group),
        ),
      ),
      metric('AWS/EC2'),
      ...databaseRights(role),
    ],
  };
}

export const SITE_KINDS: readonly RoleKind[] = [
  {
    name: 'machines of the application',
    matches: idIs(/^computeidentity$/),
    rows: computeRows,
    trust: (role) => takenUnasked('ec2.amazonaws.com', role),
  },
  {
    name: 'machines of the database',
    matches: idIs(/^databaseidentity$/),
    rows: databaseRows,
    trust: (role) => takenUnasked('ec2.amazonaws.com', role),
  },
  {
    name: 'starts machines that restore',
    matches: idIs(/^databaserestoresrole$/),
    rows: restoreRows,
    trust: (role) => takenBy('scheduler.amazonaws.com', role),
  },
  ...(['activation(activate)', 'activation(deactivate)', 'active(report)'] as const).map((id) => ({
    name: `workflow of a site: ${/\((\w+)\)/.exec(id)?.[1] ?? ''}`,
    matches: idIs(new RegExp(`^${id}role$`)),
    rows: workflowRows,
    trust: (role: Role) => takenBy('states.amazonaws.com', role),
  })),
];
