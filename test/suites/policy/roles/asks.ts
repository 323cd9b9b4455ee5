import type { Ask } from '../rights';
import type { Role } from './roles';

/** What a role may and what it may not do, by what its deployment holds. */
export interface Rows {
  readonly allowed: readonly Ask[];
  readonly forbidden: readonly Ask[];
}

export const plain = (action: string, resource: string, context: Ask['context'] = {}): Ask => ({
  action,
  resource,
  context,
});

const CREATION = { 's3:ObjectCreationOperation': 'true' };

/** A new object, only if there is none. */
export const create = (resource: string): Ask =>
  plain('s3:PutObject', resource, { ...CREATION, 's3:if-none-match': '*' });

/** A request without If-None-Match: what lies there would be written over. */
export const overwrite = (resource: string): Ask => plain('s3:PutObject', resource, CREATION);

export const list = (bucket: string, prefix: string, action = 's3:ListBucket'): Ask =>
  plain(action, bucket, { 's3:prefix': prefix });

/** A new object's lock, in days. */
export const lock = (resource: string, days: number): Ask =>
  plain('s3:PutObjectRetention', resource, { 's3:object-lock-remaining-retention-days': String(days) });

/** ARNs in the region and account of a role. */
export function arnsAt({ stack: { region, account } }: Role) {
  return (service: string, resource: string) =>
    `arn:aws:${service}:${/^(iam|s3)$/.test(service) ? '' : region}:${account}:${resource}`;
}

/** Secret of a name, with the characters that the service appends. */
export const secretOf = (role: Role, name: string): Ask =>
  plain('secretsmanager:GetSecretValue', arnsAt(role)('secretsmanager', `secret:${name}-AbCdEf`));

const STRANGE = 'somebody-else';
const SECRET_OF_ANOTHER = 'billing/payroll';

/**
 * What no role of ours may ever do: change rights, keys or guards, delete what others need, and anything at all with
 * what belongs to somebody else in the same account.
 */
export function never(role: Role): readonly Ask[] {
  const arn = arnsAt(role);
  const bucket = `arn:aws:s3:::${STRANGE}`;
  const object = `${bucket}/2026/main.0001`;
  const key = arn('kms', 'key/99999999-8888-7777-6666-555555555555');
  const admin = arn('iam', 'role/admin');
  const instance = arn('ec2', 'instance/i-0fedcba9876543210');
  const pass = (resource: string, service: string) =>
    plain('iam:PassRole', resource, { 'iam:PassedToService': service });
  return [
    ...['PutRolePolicy', 'AttachRolePolicy', 'DeleteRolePolicy', 'UpdateAssumeRolePolicy'].map((one) =>
      plain(`iam:${one}`, role.arn),
    ),
    ...['PutRolePolicy', 'GetRole', 'DeleteRole'].map((one) => plain(`iam:${one}`, admin)),
    plain('iam:CreateAccessKey', arn('iam', 'user/admin')),
    plain('iam:CreatePolicyVersion', arn('iam', 'policy/some')),
    // Its own role, and that of somebody else, to whoever would start something as it.
    pass(role.arn, 'lambda.amazonaws.com'),
    pass(admin, 'ecs-tasks.amazonaws.com'),
    pass(admin, 'lambda.amazonaws.com'),
    plain('sts:AssumeRole', admin),
    ...[
      'ScheduleKeyDeletion',
      'DisableKey',
      'PutKeyPolicy',
      'Sign',
      'GetPublicKey',
      'Encrypt',
      'Decrypt',
      'GenerateDataKey',
    ].map((one) => plain(`kms:${one}`, key)),
    plain('kms:CreateGrant', key, { 'kms:GrantIsForAWSResource': 'true' }),
    ...['Decrypt', 'GenerateDataKey'].map((one) =>
      plain(`kms:${one}`, key, { 'kms:ViaService': `s3.${role.stack.region}.amazonaws.com` }),
    ),
    ...bucketGuards(bucket, object),
    ...['GetObject', 'GetObjectVersion', 'ReplicateObject', 'RestoreObject', 'InitiateReplication'].map((one) =>
      plain(`s3:${one}`, object),
    ),
    create(object),
    overwrite(object),
    list(bucket, ''),
    list(bucket, '_verified/x/'),
    plain('s3:GetBucketLocation', bucket),
    plain('s3:GetReplicationConfiguration', bucket),
    plain('s3:PutInventoryConfiguration', bucket),
    plain('rds:DeleteDBInstance', arn('rds', 'db:orders')),
    plain('rds:PromoteReadReplica', arn('rds', 'db:orders')),
    plain('rds:DescribeDBInstances', arn('rds', 'db:orders')),
    ...['TerminateInstances', 'StartInstances', 'StopInstances'].map((one) => plain(`ec2:${one}`, instance)),
    plain('ec2:StartInstances', instance, { 'aws:ResourceTag/hypnoscript:site': STRANGE }),
    plain('ec2:StopInstances', instance, { 'aws:ResourceTag/hypnoscript:site': STRANGE }),
    plain('ec2:CreateTags', instance),
    plain('ec2:DeleteVolume', arn('ec2', 'volume/vol-0fedcba9876543210')),
    ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'DeleteTable'].map((one) =>
      plain(`dynamodb:${one}`, arn('dynamodb', `table/${STRANGE}`)),
    ),
    ...['StartExecution', 'UpdateStateMachine', 'DeleteStateMachine'].map((one) =>
      plain(`states:${one}`, arn('states', `stateMachine:${STRANGE}`)),
    ),
    ...['DescribeExecution', 'StopExecution'].map((one) =>
      plain(`states:${one}`, arn('states', `execution:${STRANGE}:0011`)),
    ),
    ...['InvokeFunction', 'UpdateFunctionCode', 'DeleteFunction'].map((one) =>
      plain(`lambda:${one}`, arn('lambda', `function:${STRANGE}`)),
    ),
    ...['SendMessage', 'ReceiveMessage', 'PurgeQueue'].map((one) => plain(`sqs:${one}`, arn('sqs', STRANGE))),
    ...['Publish', 'Subscribe', 'DeleteTopic'].map((one) => plain(`sns:${one}`, arn('sns', STRANGE))),
    ...['PutRule', 'PutTargets', 'DescribeRule', 'DeleteRule', 'DisableRule'].map((one) =>
      plain(`events:${one}`, arn('events', `rule/${STRANGE}`)),
    ),
    plain('events:PutEvents', arn('events', `event-bus/${STRANGE}`)),
    plain('scheduler:DeleteSchedule', arn('scheduler', `schedule/${STRANGE}/x`)),
    plain('ecs:RunTask', arn('ecs', `task-definition/${STRANGE}:1`)),
    ...['StopTask', 'DescribeTasks'].map((one) =>
      plain(`ecs:${one}`, arn('ecs', `task/${STRANGE}/0011`), { 'ecs:cluster': arn('ecs', `cluster/${STRANGE}`) }),
    ),
    plain('ecs:RegisterTaskDefinition', arn('ecs', `task-definition/${STRANGE}:1`)),
    ...['document/AWS-RunShellScript', `document/${STRANGE}`].map((one) => plain('ssm:SendCommand', arn('ssm', one))),
    plain('ssm:SendCommand', instance),
    plain('ssm:SendCommand', instance, { 'ssm:resourceTag/hypnoscript:site': STRANGE }),
    plain('ssm:SendCommand', arn('ssm', 'managed-instance/mi-0fedcba9876543210')),
    plain('ssm:StartSession', instance),
    plain('ssm:UpdateDocument', arn('ssm', `document/${STRANGE}`)),
    ...['GetParameter', 'GetParameters', 'GetParameterHistory', 'PutParameter'].map((one) =>
      plain(`ssm:${one}`, arn('ssm', `parameter/${SECRET_OF_ANOTHER}`)),
    ),
    secretOf(role, SECRET_OF_ANOTHER),
    plain('secretsmanager:DeleteSecret', arn('secretsmanager', `secret:${SECRET_OF_ANOTHER}-AbCdEf`)),
    ...['CreateLogStream', 'PutLogEvents', 'DeleteLogStream'].map((one) =>
      plain(`logs:${one}`, arn('logs', `log-group:${STRANGE}:log-stream:x`)),
    ),
    ...['DescribeLogStreams', 'DeleteLogGroup', 'PutRetentionPolicy'].map((one) =>
      plain(`logs:${one}`, arn('logs', `log-group:${STRANGE}`)),
    ),
    plain('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': STRANGE }),
    ...['DeleteAlarms', 'DisableAlarmActions', 'SetAlarmState'].map((one) =>
      plain(`cloudwatch:${one}`, arn('cloudwatch', `alarm:${STRANGE}`)),
    ),
    ...['BatchGetImage', 'GetDownloadUrlForLayer', 'BatchCheckLayerAvailability', 'PutImage', 'BatchDeleteImage'].map(
      (one) => plain(`ecr:${one}`, arn('ecr', `repository/${STRANGE}`)),
    ),
    ...['ClientMount', 'ClientWrite', 'ClientRootAccess'].map((one) =>
      plain(`elasticfilesystem:${one}`, arn('elasticfilesystem', 'file-system/fs-0fedcba9876543210')),
    ),
    plain('elasticfilesystem:DeleteFileSystem', arn('elasticfilesystem', 'file-system/fs-0fedcba9876543210')),
    plain(
      'autoscaling:SetDesiredCapacity',
      arn('autoscaling', `autoScalingGroup:0011:autoScalingGroupName/${STRANGE}`),
    ),
    plain(
      'autoscaling:DeleteAutoScalingGroup',
      arn('autoscaling', `autoScalingGroup:0011:autoScalingGroupName/${STRANGE}`),
    ),
    plain('route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z0123456789'),
    plain('cloudformation:DeleteStack', arn('cloudformation', `stack/${role.stack.stack}/0011`)),
    plain('elasticloadbalancing:DeleteLoadBalancer', arn('elasticloadbalancing', `loadbalancer/app/${STRANGE}/0011`)),
    plain('xray:GetTraceSummaries', '*'),
  ];
}

/** What guards a bucket and its objects: lock, versions, policy, lifecycle, and that nothing is deleted. */
export function bucketGuards(bucket: string, object: string): readonly Ask[] {
  return [
    ...['DeleteObject', 'DeleteObjectVersion', 'BypassGovernanceRetention', 'PutObjectLegalHold'].map((one) =>
      plain(`s3:${one}`, object),
    ),
    ...['PutObjectTagging', 'PutObjectVersionTagging', 'DeleteObjectTagging', 'ReplicateDelete', 'PutObjectAcl'].map(
      (one) => plain(`s3:${one}`, object),
    ),
    lock(object, 36_500),
    ...[
      'PutBucketPolicy',
      'DeleteBucketPolicy',
      'DeleteBucket',
      'PutBucketVersioning',
      'PutLifecycleConfiguration',
      'PutBucketObjectLockConfiguration',
      'PutReplicationConfiguration',
      'PutEncryptionConfiguration',
      'PutBucketPublicAccessBlock',
    ].map((one) => plain(`s3:${one}`, bucket)),
  ];
}
