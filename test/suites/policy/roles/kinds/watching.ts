import { need } from '../../../../plan/support';
import { physicalName } from '../../../../../lib/aws/bucket-name';
import type { Ask } from '../../rights';
import { arnsAt, create, list, overwrite, plain, secretOf } from '../asks';
import type { Rows } from '../asks';
import { keyUse, storeKey } from '../keys';
import { placeRows } from '../places';
import type { Role } from '../roles';
import { idIs, people, takenBy, takenUnasked } from './kind';
import type { RoleKind } from './kind';
import { misused } from './stores';
import { shardOf } from './tasks';

/** Lines of a log: written by whoever speaks there, and taken away by nobody. */
function logRows(role: Role, group: string, describes: boolean): Rows {
  const arn = arnsAt(role);
  const stream = arn('logs', `log-group:${group}:log-stream:some`);
  const describe = plain('logs:DescribeLogStreams', stream.replace(/:log-stream:.*$/, ':*'));
  return {
    allowed: [
      plain('logs:CreateLogStream', stream),
      plain('logs:PutLogEvents', stream),
      ...(describes ? [describe] : []),
    ],
    forbidden: [
      plain('logs:DeleteLogStream', stream),
      plain('logs:GetLogEvents', stream),
      ...['DeleteLogGroup', 'PutRetentionPolicy', 'CreateLogGroup', 'DisassociateKmsKey'].map((one) =>
        plain(`logs:${one}`, arn('logs', `log-group:${group}`)),
      ),
      plain('logs:PutLogEvents', arn('logs', `log-group:${group}-of-another:log-stream:some`)),
    ],
  };
}

function flowRows(role: Role): Rows {
  const { resolved, stack, arn } = role;
  const flow = Object.values(stack.resources).find(
    ({ Type, Properties = {} }) =>
      Type === 'AWS::EC2::FlowLog' && resolved.value(Properties.DeliverLogsPermissionArn) === arn,
  );
  return logRows(role, resolved.text(need(flow, 'flow log').Properties?.LogGroupName), true);
}

interface Container {
  readonly Image: string;
  readonly LogConfiguration: { readonly Options: Readonly<Record<string, string>> };
}

/** What starts containers: it pulls their image and opens their log, and has none of their rights. */
function executionRows(role: Role): Rows {
  const { resolved, stack } = role;
  const containers = Object.values(stack.resources).flatMap(({ Type, Properties = {} }) =>
    Type === 'AWS::ECS::TaskDefinition' && resolved.value(Properties.ExecutionRoleArn) === role.arn
      ? (resolved.value(Properties.ContainerDefinitions) as Container[])
      : [],
  );
  const repositories = [
    ...new Set(containers.map(({ Image }) => Image.replace(/^[^/]+\//, '').replace(/[:@].*$/, ''))),
  ];
  const groups = [...new Set(containers.map(({ LogConfiguration: { Options } }) => String(Options['awslogs-group'])))];
  const arn = arnsAt(role);
  const logs = groups.map((group) => logRows(role, group, false));
  const at = (actions: readonly string[]) =>
    repositories.flatMap((one) => actions.map((action) => plain(`ecr:${action}`, arn('ecr', `repository/${one}`))));
  const bucket = `arn:aws:s3:::cdk-hnb659fds-assets-${stack.account}-${stack.region}`;
  return {
    allowed: [
      ...at(['BatchCheckLayerAvailability', 'BatchGetImage', 'GetDownloadUrlForLayer']),
      plain('ecr:GetAuthorizationToken', '*'),
      ...logs.flatMap(({ allowed }) => allowed),
    ],
    forbidden: [
      ...at(['PutImage', 'BatchDeleteImage', 'DeleteRepository', 'SetRepositoryPolicy', 'InitiateLayerUpload']),
      plain('s3:GetObject', `${bucket}/0011.json`),
      ...shardOf(role)
        .tasks.flatMap(({ secret }) => (secret === undefined ? [] : [secretOf(role, secret)]))
        .slice(0, 1),
      ...logs.flatMap(({ forbidden }) => forbidden),
    ],
  };
}

/** The prober: it reads ledgers and manifests, and says what it saw in its own log. */
function proberRows(role: Role): Rows {
  const { stack, resolved, arn: own } = role;
  const shard = shardOf(role);
  const found = Object.values(stack.resources).find(
    ({ Type, Properties = {} }) => Type === 'AWS::Lambda::Function' && resolved.value(Properties.Role) === own,
  );
  const { FunctionName } = need(found, 'function').Properties as { FunctionName: string };
  const logs = logRows(role, `/hypnoscript/${FunctionName}`, false);
  const assets = `arn:aws:s3:::cdk-hnb659fds-assets-${stack.account}-${stack.region}`;
  const text = JSON.stringify(Object.values(stack.resources).filter(({ Type }) => Type === 'AWS::Scheduler::Schedule'));
  const schedule = Object.values(stack.resources).find(
    ({ Type, Properties = {} }) => Type === 'AWS::Scheduler::Schedule' && Properties.Name === 'prober',
  );
  const { Input } = need(schedule, 'its schedule').Properties?.Target as { Input: unknown };
  const { tasks: manifests } = JSON.parse(resolved.text(Input)) as { tasks: readonly string[] };
  if (text === '[]' || manifests.length === 0) throw new Error(`the prober of ${stack.stack} is told of no manifest`);
  const { account } = stack;
  const stores = shard.tasks.flatMap(({ task, stores: each }) => each.map((store) => ({ task, store })));
  const places = stores.map(({ task, store }): Rows => {
    const { bucket: name, naming, region, prefixes } = store;
    const bucket = `arn:aws:s3:::${physicalName({ name, naming, account, region })}`;
    const ledger = `${bucket}/_verified/${task}/20261122T021500Z-full.manifest.json`;
    const objects = prefixes.map((prefix) => `${bucket}/${prefix}2026/11/22/20261122T021500Z-full-0011/main.0001`);
    const use = keyUse(role, storeKey(role, store), bucket);
    return {
      allowed: [
        plain('s3:GetObject', ledger),
        plain('s3:GetObjectVersion', ledger),
        list(bucket, `_verified/${task}/`),
        list(bucket, `_records/${task}/`),
        // What prunes left lies there: names are enough.
        ...prefixes.map((prefix) => list(bucket, prefix)),
        plain('s3:GetBucketLocation', bucket),
        use('Decrypt'),
      ],
      forbidden: [
        create(ledger),
        overwrite(ledger),
        plain('s3:DeleteObjectVersion', ledger),
        plain('s3:GetObject', `${bucket}/_records/${task}/a.json`),
        plain('s3:GetObject', `${bucket}/_recovery/0011/recipe.md`),
        ...objects.flatMap((object): Ask[] => [
          plain('s3:GetObject', object),
          create(object),
          overwrite(object),
          plain('s3:DeleteObjectVersion', object),
          plain('s3:RestoreObject', object),
        ]),
        ...(shard.groups || prefixes.includes('') ? [] : [list(bucket, ''), list(bucket, '_recovery/')]),
        ...prefixes.map((prefix) => list(bucket, prefix, 's3:ListBucketVersions')),
        list(bucket, `_verified/${task}/`, 's3:ListBucketVersions'),
        list('arn:aws:s3:::somebody-else', `_verified/${task}/`),
        use('GenerateDataKey'),
        ...misused(use, 'Decrypt'),
      ],
    };
  });
  return {
    allowed: [
      ...manifests.map((url) => plain('s3:GetObject', url.replace('s3://', 'arn:aws:s3:::'))),
      ...places.flatMap(({ allowed }) => allowed),
      ...logs.allowed,
    ],
    forbidden: [
      plain('s3:GetObject', `${assets}/${'0'.repeat(64)}.zip`),
      ...(shard.groups ? [] : [plain('s3:GetObject', `${assets}/${'0'.repeat(64)}.json`)]),
      ...manifests
        .map((url) => url.replace('s3://', 'arn:aws:s3:::'))
        .flatMap((one) => [overwrite(one), plain('s3:DeleteObject', one)]),
      ...places.flatMap(({ forbidden }) => forbidden),
      ...logs.forbidden,
      ...shard.tasks.flatMap(({ secret }) => (secret === undefined ? [] : [secretOf(role, secret)])).slice(0, 1),
    ],
  };
}

/** The copy jobs of another cloud: what they read of each bucket. */
function readerOf(role: Role) {
  const { readers } = need(
    role.deployment.plan?.awsReaders.find(({ name }) => name === role.stack.stack),
    'stack of readers',
  );
  return need(
    readers.find(({ role: name }) => role.arn.endsWith(`:role/${name}`)),
    role.title,
  );
}

function readerRows(role: Role): Rows {
  const parts = readerOf(role).stores.map((store) =>
    placeRows(role, 'reader', {
      store: store.dataSets.length > 10 ? { ...store, prefixes: [''] } : store,
      ledgers: store.dataSets.map((name) => `_verified/${name}/`),
    }),
  );
  return {
    allowed: parts.flatMap(({ allowed }) => allowed),
    forbidden: parts.flatMap(({ forbidden }) => forbidden),
  };
}

/** By a token of its own cloud, for this audience and this subject: the deployment's parameters name both. */
function readerTrust(role: Role): ReturnType<RoleKind['trust']> {
  const { cloud, issuer } = readerOf(role);
  const google = cloud === 'google';
  const provider = Object.entries(role.stack.resources).find(([, { Type }]) => Type === 'AWS::IAM::OIDCProvider')?.[0];
  const principal = google ? issuer : role.resolved.text({ 'Fn::GetAtt': [provider ?? '', 'Arn'] });
  const audience = google ? 'sts.amazonaws.com' : 'parameter-AzureAudience';
  const subject = `parameter-${google ? 'Google' : 'Azure'}Copiers`;
  const action = 'sts:AssumeRoleWithWebIdentity';
  const claim = google ? 'oaud' : 'aud';
  const token = (aud: string, sub: string, who = principal) => ({
    principal: who,
    action,
    context: { [`${issuer}:${claim}`]: aud, [`${issuer}:sub`]: sub },
  });
  return {
    allowed: [token(audience, subject)],
    forbidden: [
      token(audience, 'somebody-else'),
      token('another-audience', subject),
      token(audience, subject, 'cognito-identity.amazonaws.com'),
      { principal, action },
      // Whoever else it is, and says what a token would.
      ...[
        'ecs-tasks.amazonaws.com',
        'lambda.amazonaws.com',
        ...people(role.stack.account).map((one) => one.principal),
      ].map((one) => ({ principal: one, context: token(audience, subject).context })),
    ],
  };
}

export const WATCHING_KINDS: readonly RoleKind[] = [
  {
    name: 'writes the flows of a network',
    matches: idIs(/flowrole$/),
    rows: flowRows,
    trust: (role) =>
      takenBy('vpc-flow-logs.amazonaws.com', role, arnsAt(role)('ec2', 'vpc-flow-log/fl-0123456789abcdef0')),
  },
  {
    name: 'starts containers',
    matches: idIs(/^execution$/),
    rows: executionRows,
    trust: (role) => takenBy('ecs-tasks.amazonaws.com', role),
  },
  {
    name: 'prober',
    matches: idIs(/^proberrole$/),
    rows: proberRows,
    trust: (role) => takenUnasked('lambda.amazonaws.com', role),
  },
  { name: 'copy jobs of another cloud', matches: idIs(/^reader(google|azure)$/), rows: readerRows, trust: readerTrust },
];
