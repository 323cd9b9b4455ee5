import type { AwsTask } from '../../../../../lib/contract/aws-tasks';
import type { AwsTaskStore } from '../../../../../lib/contract/aws-task-store';
import { need } from '../../../../plan/support';
import type { Ask } from '../../rights';
import { arnsAt, create, overwrite, plain, secretOf } from '../asks';
import type { Rows } from '../asks';
import { placeRows } from '../places';
import type { Work } from '../places';
import type { Role } from '../roles';
import { idIs, people, takenBy } from './kind';
import type { RoleKind } from './kind';

const WORKS = ['writer', 'copier', 'verifier', 'pruner', 'restorer', 'thawer'] as const;

/** The shard of the plan whose stack a role is in. */
export function shardOf({ deployment, stack }: Role) {
  return need(
    deployment.plan?.awsTasks.shards.find(({ name }) => name === stack.stack),
    `shard ${stack.stack}`,
  );
}

/** What a shard shares with the others of its region: by its stack, as it is deployed. */
export function sharedOf({ deployment, stack }: Role) {
  const shared = deployment.plan?.awsTasks.shared.find(({ region }) => region === stack.region);
  return need(
    deployment.stacks.find((one) => one.stack === shared?.name),
    `what ${stack.stack} shares`,
  );
}

function taskOf(role: Role): { readonly work: Work; readonly task: AwsTask } {
  const [, work = '', name = ''] = /^(\w+) of (.*)$/.exec(role.description) ?? [];
  return {
    work: work as Work,
    task: need(
      shardOf(role).tasks.find(({ task }) => task === name),
      `task ${name}`,
    ),
  };
}

/** Folders of containers, and those of others: which are mounted, and how. */
export function folderRows(role: Role, work: Work, own: readonly string[]): Rows {
  const shared = sharedOf(role);
  const [fileSystem] = Object.entries(shared.resources).find(([, { Type }]) => Type === 'AWS::EFS::FileSystem') ?? [];
  if (fileSystem === undefined) return { allowed: [], forbidden: [] };
  const resource = arnsAt(role)('elasticfilesystem', `file-system/fs-${fileSystem.toLowerCase()}`);
  const ask = (action: string, point: string, secure = 'true') =>
    plain(`elasticfilesystem:${action}`, resource, {
      'elasticfilesystem:AccessPointArn': point,
      'elasticfilesystem:AccessedViaMountTarget': 'true',
      'aws:SecureTransport': secure,
    });
  const writes = !['restorer', 'thawer'].includes(work);
  const strange = arnsAt(role)('elasticfilesystem', 'access-point/fsap-of-another');
  const another = arnsAt(role)('elasticfilesystem', 'file-system/fs-0fedcba9876543210');
  return {
    allowed: own.flatMap((point) => [ask('ClientMount', point), ...(writes ? [ask('ClientWrite', point)] : [])]),
    forbidden: [
      ...own.flatMap((point) => [
        ask('ClientRootAccess', point),
        ask('ClientMount', point, 'false'),
        { ...ask('ClientMount', point), resource: another },
        ...(writes ? [] : [ask('ClientWrite', point)]),
      ]),
      ...['ClientMount', 'ClientWrite', 'ClientRootAccess'].map((action) => ask(action, strange)),
    ],
  };
}

/** The folders of a task, by the names of their places in the file system. */
function foldersOf({ stack, resolved }: Role, names: readonly string[]): readonly string[] {
  return Object.entries(stack.resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type !== 'AWS::EFS::AccessPoint') return [];
    const { Path } = Properties.RootDirectory as { Path: string };
    return names.includes(Path.slice(1)) ? [resolved.text({ 'Fn::GetAtt': [id, 'Arn'] })] : [];
  });
}

/** The key that signs records: whoever restores signs with it, whoever verifies knows it, and nobody else does either. */
function recordRows(role: Role, work: Work): Rows {
  const shared = sharedOf(role);
  const [id] =
    Object.entries(shared.resources).find(
      ([, { Type, Properties }]) => Type === 'AWS::KMS::Key' && Properties?.KeyUsage === 'SIGN_VERIFY',
    ) ?? [];
  if (id === undefined || !shardOf(role).testRestores) return { allowed: [], forbidden: [] };
  const key = arnsAt(role)('kms', `key/${id.toLowerCase()}`);
  const may: Readonly<Partial<Record<Work, readonly string[]>>> = {
    restorer: ['kms:Sign', 'kms:GetPublicKey'],
    verifier: ['kms:GetPublicKey'],
  };
  const actions = ['Sign', 'GetPublicKey', 'ScheduleKeyDeletion', 'PutKeyPolicy', 'DisableKey'].map(
    (one) => `kms:${one}`,
  );
  const own = may[work] ?? [];
  return {
    allowed: own.map((action) => plain(action, key)),
    forbidden: actions.filter((action) => !own.includes(action)).map((action) => plain(action, key)),
  };
}

/** A token that says to another cloud who a job is: of the clouds that it reads, and for minutes. */
function tokenRows(reads: AwsTask['reads']): Rows {
  const audiences = {
    azure: 'api://AzureADTokenExchange',
    google: 'https://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/aws/providers/aws',
  } as const;
  const token = (audience: string, seconds = '300'): Ask =>
    plain('sts:GetWebIdentityToken', '*', { 'sts:IdentityTokenAudience': [audience], 'sts:DurationSeconds': seconds });
  const others = (['azure', 'google'] as const).filter((cloud) => !reads.includes(cloud));
  return {
    allowed: reads.map((cloud) => token(audiences[cloud])),
    forbidden: [
      ...others.map((cloud) => token(audiences[cloud])),
      token('https://somebody.example'),
      ...reads.map((cloud) => token(audiences[cloud], '3600')),
    ],
  };
}

/** A secret is read, and never changed. */
export function guardsOfSecret({ resource }: Ask): readonly Ask[] {
  return ['PutSecretValue', 'DeleteSecret', 'UpdateSecret', 'PutResourcePolicy'].map((one) =>
    plain(`secretsmanager:${one}`, resource),
  );
}

/** What another task uses, which this one does not. */
export function neighbours(role: Role, work: Work, task: AwsTask): readonly Ask[] {
  const { tasks } = shardOf(role);
  // Where tasks are many, some of them stand for all.
  const others = tasks.filter((one) => one.task !== task.task).slice(0, 10);
  const secrets = others.flatMap(({ secret }) => (secret !== undefined && secret !== task.secret ? [secret] : []));
  return [
    ...secrets.map((secret) => secretOf(role, secret)),
    ...(task.secret !== undefined && work !== 'writer' ? [secretOf(role, task.secret)] : []),
    ...(task.secret === undefined ? [] : guardsOfSecret(secretOf(role, task.secret))),
    ...others.flatMap(({ stores }) => stores.flatMap((store) => theirs(store, task))),
  ];
}

/** An object of another task in a bucket, where no prefix of this task covers it. */
function theirs(store: AwsTaskStore, task: AwsTask): readonly Ask[] {
  const own = task.stores.find((one) => one.store === store.store)?.prefixes ?? [];
  return store.prefixes
    .filter((prefix) => !own.some((one) => prefix.startsWith(one)))
    .map((prefix) => `arn:aws:s3:::${store.bucket}/${prefix}2026/11/22/20261122T021500Z-full-0011/main.0001`)
    .flatMap((object) => [
      plain('s3:GetObject', object),
      create(object),
      overwrite(object),
      plain('s3:DeleteObjectVersion', object),
    ]);
}

/** The manifest of a task: its own may be read, by the hash that is its name; nothing else that was uploaded. */
function uploadRows(role: Role, own: string | undefined): Rows {
  const bucket = `arn:aws:s3:::cdk-hnb659fds-assets-${role.stack.account}-${role.stack.region}`;
  return {
    allowed: own === undefined ? [] : [plain('s3:GetObject', `${bucket}/${own}`)],
    forbidden: [
      plain('s3:GetObject', `${bucket}/${'0'.repeat(64)}.json`),
      plain('s3:GetObject', `${bucket}/${'0'.repeat(64)}.zip`),
      ...(own === undefined ? [] : [overwrite(`${bucket}/${own}`), plain('s3:DeleteObject', `${bucket}/${own}`)]),
    ],
  };
}

/** The manifest that the schedules of a task name. */
function manifestOf({ stack, resolved, title }: Role, task: AwsTask): string {
  const names = task.schedules.map(({ name }) => name);
  for (const { Type, Properties = {} } of Object.values(stack.resources)) {
    if (Type !== 'AWS::Scheduler::Schedule' || !names.includes(String(Properties.Name))) continue;
    const { Input } = Properties.Target as { Input: unknown };
    const found = /\/([0-9a-f]{64}\.json)/.exec(JSON.stringify(resolved.value(Input)))?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`no schedule of ${task.task} names its manifest: ${title}`);
}

function taskRows(role: Role): Rows {
  const { work, task } = taskOf(role);
  const parts = [
    ...task.stores.map((store) => placeRows(role, work, { store, ledgers: [`_verified/${task.task}/`] })),
    folderRows(role, work, task.local && !task.host ? foldersOf(role, [task.task]) : []),
    recordRows(role, work),
    tokenRows(work === 'copier' ? task.reads : []),
    uploadRows(role, manifestOf(role, task)),
  ];
  const own = work === 'writer' && task.secret !== undefined ? [secretOf(role, task.secret)] : [];
  return {
    allowed: [...parts.flatMap(({ allowed }) => allowed), ...own],
    forbidden: [...parts.flatMap(({ forbidden }) => forbidden), ...neighbours(role, work, task)],
  };
}

const SHARED_PATH = '/hypnoscript-shared/';
const workIn = (text: string) => WORKS.find((work) => text.includes(work)) ?? 'writer';

/** The role of the plan that a role of a template is. */
function sharedRoleOf(role: Role) {
  const { groups } = shardOf(role);
  const plain = (text: string) => text.replace(/[^A-Za-z0-9]/g, '');
  const found = groups?.roles.find(({ id }) => role.id.replace(/[0-9A-F]{8}$/, '') === `sharedroles${plain(id)}`);
  return need(found, `shared role ${role.id}`);
}

function sharedRows(role: Role): Rows {
  const { work, store, ledgers } = sharedRoleOf(role);
  const { tasks } = shardOf(role);
  const places = placeRows(role, work, { store, ledgers });
  const secrets = tasks.flatMap(({ secret }) => (secret === undefined ? [] : [secret])).slice(0, 1);
  return {
    allowed: places.allowed,
    forbidden: [
      ...places.forbidden,
      ...secrets.map((secret) => secretOf(role, secret)),
      ...uploadRows(role, undefined).forbidden,
      ...tokenRows([]).forbidden,
      ...recordRows(role, 'writer').forbidden,
      ...folderRows(role, work, []).forbidden,
    ],
  };
}

/** The base of a work takes the roles below its own path; no other base, and no container of another shard. */
function sharedTrust(role: Role): ReturnType<RoleKind['trust']> {
  const { account, resources } = role.stack;
  const work = workIn(role.path);
  const bases = Object.keys(resources)
    .filter((id) => new RegExp(`^sharedroles(${WORKS.join('|')})[0-9A-F]{8}$`).test(id))
    .map((id) => ({ base: workIn(id), principal: role.resolved.text({ 'Fn::GetAtt': [id, 'Arn'] }) }));
  return {
    allowed: bases.filter(({ base }) => base === work).map(({ principal }) => ({ principal })),
    forbidden: [
      ...bases.filter(({ base }) => base !== work).map(({ principal }) => ({ principal })),
      ...bases.map(({ principal }) => ({ principal: principal.replace(/-backup-\d+of/, '-backup-99of') })),
      ...['ecs-tasks.amazonaws.com', 'lambda.amazonaws.com'].map((principal) => ({ principal })),
      ...people(account),
    ],
  };
}

function baseRows(role: Role): Rows {
  const work = workIn(role.id) as Exclude<Work, 'reader'>;
  const { tasks, groups } = shardOf(role);
  const shard = role.path.split('/')[3] ?? '';
  const bucket = `arn:aws:s3:::cdk-hnb659fds-assets-${role.stack.account}-${role.stack.region}`;
  const taken = (name: string, one: string) =>
    plain('sts:AssumeRole', arnsAt(role)('iam', `role${SHARED_PATH}${role.stack.region}/${name}/${one}/x`));
  const folders =
    work === 'copier'
      ? []
      : foldersOf(
          role,
          tasks.flatMap(({ task, local, host }) => (local && !host ? [task] : [])),
        );
  const parts = [
    folderRows(role, work, folders),
    recordRows(role, work),
    tokenRows(work === 'copier' ? [...new Set(tasks.flatMap(({ reads }) => reads))] : []),
  ];
  const places = (groups?.roles ?? []).map(
    ({ work: one, store, ledgers }) => placeRows(role, one, { store, ledgers }).allowed,
  );
  return {
    allowed: [
      plain('s3:GetObject', `${bucket}/${shard}/0011.json`),
      taken(shard, work),
      ...parts.flatMap(({ allowed }) => allowed),
    ],
    forbidden: [
      ...WORKS.filter((one) => one !== work).map((one) => taken(shard, one)),
      taken(`${shard}-of-another`, work),
      ...['TagSession', 'SetSourceIdentity'].map((one) => ({ ...taken(shard, work), action: `sts:${one}` })),
      plain('s3:GetObject', `${bucket}/${shard}/0011.zip`),
      plain('s3:GetObject', `${bucket}/0011.json`),
      overwrite(`${bucket}/${shard}/0011.json`),
      ...parts.flatMap(({ forbidden }) => forbidden),
      ...places.flat(),
      ...tasks.flatMap(({ secret }) => (secret === undefined ? [] : [secretOf(role, secret)])).slice(0, 1),
    ],
  };
}

function secretRows(role: Role): Rows {
  const { tasks } = shardOf(role);
  const own = tasks.flatMap(({ secret }) => (secret === undefined ? [] : [secretOf(role, secret)]));
  return {
    allowed: own.slice(0, 3),
    forbidden: [
      ...own.slice(0, 1).flatMap(guardsOfSecret),
      ...tokenRows([]).forbidden,
      ...uploadRows(role, undefined).forbidden,
    ],
  };
}

export const TASK_KINDS: readonly RoleKind[] = [
  ...WORKS.map((work) => ({
    name: `${work} of a task`,
    matches: (role: Role) => role.id.startsWith('task') && role.description.startsWith(`${work} of `),
    rows: taskRows,
    trust: (role: Role) => takenBy('ecs-tasks.amazonaws.com', role),
  })),
  {
    name: 'what containers start as whose tasks share roles',
    matches: idIs(new RegExp(`^sharedroles(${WORKS.join('|')})$`)),
    rows: baseRows,
    trust: (role) => takenBy('ecs-tasks.amazonaws.com', role),
  },
  ...WORKS.filter((work) => work !== 'thawer').map((work) => ({
    name: `${work} in a store, shared by tasks`,
    matches: (role: Role) => role.path.startsWith(SHARED_PATH) && role.description.startsWith(`${work} in `),
    rows: sharedRows,
    trust: sharedTrust,
  })),
  { name: 'reads the secrets of sources', matches: idIs(/^sharedrolessecrets$/), rows: secretRows, trust: sharedTrust },
];
