import { ACCOUNT, REGION } from './template-values';
import { isAllowed, policiesOfSeed } from './rights';
import type { Ask, Policy } from './rights';

/** What each identity of a task may and may not do, by the policies of the templates themselves. */
const seed = policiesOfSeed();
const DATA = 'arn:aws:s3:::hypnoscript-db-backups';
const SHARED = 'arn:aws:s3:::hypnoscript-backups';
const RUN = `${DATA}/postgresql/2026/11/22/20261122T021500Z-full`;
const OBJECT = `${RUN}-0011223344556677/main.0001`;
const MANIFEST = `${RUN}.manifest.json`;
const LEDGER = `${DATA}/_verified/postgresql/postgresql/2026/11/22/20261122T021500Z-full.manifest.json`;
const RECOVERY = `${DATA}/_recovery/0011/recipe.md`;
const RECORD = `${DATA}/_records/postgresql/20261122T021500Z-test-restore-0011223344556677.json`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;
const FOLDER = folderOf(seed.role('taskpostgresqlwriter'));
const CREATED = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };

/** What a role says of its folder. */
function folderOf({ Statement: statements }: Policy): { readonly fileSystem: string; readonly point: string } {
  const found = statements.find(({ Action: action }) => JSON.stringify(action).includes('elasticfilesystem:'));
  const { StringEquals: equal } = found?.Condition as { StringEquals: Record<string, string> };
  const point = equal['elasticfilesystem:AccessPointArn'];
  if (point === undefined || typeof found?.Resource !== 'string') throw new Error('no folder');
  return { fileSystem: found.Resource, point };
}

const create = (resource: string): Ask => ({ action: 's3:PutObject', resource, context: CREATED });
/** A request without If-None-Match: what lies there would be written over. */
const overwrite = (resource: string): Ask => ({
  action: 's3:PutObject',
  resource,
  context: { 's3:ObjectCreationOperation': 'true' },
});
const list = (prefix: string, resource = DATA): Ask => ({
  action: 's3:ListBucket',
  resource,
  context: { 's3:prefix': prefix },
});
const lock = (days: string): Ask => ({
  action: 's3:PutObjectRetention',
  resource: OBJECT,
  context: { 's3:object-lock-remaining-retention-days': days },
});
const kms = (action: string, context: Readonly<Record<string, string>> = {}): Ask => ({
  action: `kms:${action}`,
  resource: KEY,
  context: {
    'kms:ViaService': `s3.${REGION}.amazonaws.com`,
    'kms:EncryptionContext:aws:s3:arn': DATA,
    'kms:ResourceAliases': ['alias/hypnoscript-backup-store'],
    ...context,
  },
});
const plain = (action: string, resource: string): Ask => ({ action, resource });
const secret = (name: string) =>
  plain(
    'secretsmanager:GetSecretValue',
    `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:hypnoscript/${name}-AbCdEf`,
  );
/** In the folder of the task that the writer has; the file system is another stack's, and its name is made. */
const folder = (action: 'ClientMount' | 'ClientWrite' | 'ClientRootAccess', point = FOLDER.point): Ask => ({
  action: `elasticfilesystem:${action}`,
  resource: FOLDER.fileSystem,
  context: { 'elasticfilesystem:AccessPointArn': point, 'elasticfilesystem:AccessedViaMountTarget': 'true' },
});

interface Identity {
  readonly policy: Policy;
  readonly allowed: readonly Ask[];
  readonly forbidden: readonly Ask[];
}

/** Nobody who runs by a schedule may do any of these. */
const NEVER: readonly Ask[] = [
  plain('s3:DeleteObject', OBJECT),
  plain('s3:PutObjectTagging', OBJECT),
  plain('s3:PutObjectVersionTagging', OBJECT),
  plain('s3:BypassGovernanceRetention', OBJECT),
  plain('s3:PutLifecycleConfiguration', DATA),
  plain('s3:PutBucketVersioning', DATA),
  plain('s3:PutBucketPolicy', DATA),
  plain('s3:DeleteObjectVersion', LEDGER),
  overwrite(OBJECT),
  create(`${DATA}/mysql/x`),
  plain('s3:GetObject', RECOVERY),
  plain('s3:DeleteObjectVersion', RECOVERY),
  overwrite(RECOVERY),
  create(`${DATA}/_verified/mysql/x`),
  kms('ScheduleKeyDeletion'),
  kms('Decrypt', { 'kms:ViaService': `dynamodb.${REGION}.amazonaws.com` }),
  kms('Decrypt', { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::somebody-else' }),
];

const IDENTITIES: Readonly<Record<string, Identity>> = {
  writer: {
    policy: seed.role('taskpostgresqlwriter'),
    allowed: [
      create(OBJECT),
      create(MANIFEST),
      create(`${SHARED}/data/postgresql/20261122T021500Z-full.manifest.json`),
      plain('s3:AbortMultipartUpload', OBJECT),
      plain('s3:ListMultipartUploadParts', OBJECT),
      plain('s3:GetObject', MANIFEST),
      list('postgresql/'),
      list('postgresql/2026/'),
      lock('30'),
      kms('GenerateDataKey'),
      kms('Decrypt'),
      secret('postgresql'),
      folder('ClientMount'),
      folder('ClientWrite'),
    ],
    forbidden: [
      folder('ClientRootAccess'),
      folder('ClientWrite', `${FOLDER.point}-of-another`),
      { ...folder('ClientMount'), context: { ...folder('ClientMount').context, 'aws:SecureTransport': 'false' } },
      plain('s3:GetObject', OBJECT),
      plain('s3:GetObjectVersion', OBJECT),
      plain('s3:GetObject', LEDGER),
      create(LEDGER),
      plain('s3:DeleteObjectVersion', OBJECT),
      plain('s3:ListBucketVersions', DATA),
      list('mysql/'),
      list('_verified/postgresql/'),
      lock('36500'),
      secret('mysql'),
    ],
  },
  'copier on AWS, where it fills': {
    policy: seed.role('tasksqlservercopier'),
    allowed: [
      create(`${SHARED}/data/sqlserver/20261122T021500Z-full-aa/dump.0001`),
      plain('s3:GetObject', `${SHARED}/data/sqlserver/20261122T021500Z-full-aa/dump.0001`),
      plain('s3:GetObject', `${SHARED}/_verified/sqlserver/a`),
      list('data/sqlserver/', SHARED),
      list('_verified/sqlserver/', SHARED),
    ],
    forbidden: [
      create(`${SHARED}/_verified/sqlserver/a`),
      create(`${SHARED}/data/mysql/a`),
      plain('s3:GetObject', `${SHARED}/data/mysql/a`),
      plain('s3:DeleteObjectVersion', `${SHARED}/data/sqlserver/a`),
      overwrite(`${SHARED}/data/sqlserver/a`),
      list('', SHARED),
      secret('sqlserver'),
    ],
  },
  'copier on Google, where it reads': {
    policy: seed.role('readergoogle'),
    allowed: [
      plain('s3:GetObject', OBJECT),
      plain('s3:GetObjectVersion', OBJECT),
      plain('s3:GetObject', LEDGER),
      plain('s3:GetObject', `${DATA}/mysql/2026/11/22/a`),
      list('postgresql/'),
      list('_verified/postgresql/'),
      { ...list('postgresql/'), action: 's3:ListBucketVersions' },
      kms('Decrypt'),
    ],
    forbidden: [
      create(OBJECT),
      create(LEDGER),
      plain('s3:DeleteObjectVersion', OBJECT),
      plain('s3:PutObjectRetention', OBJECT),
      plain('s3:GetObject', `${DATA}/_verified/other/a`),
      list(''),
      kms('GenerateDataKey'),
      secret('postgresql'),
    ],
  },
  verifier: {
    policy: seed.role('taskpostgresqlverifier'),
    allowed: [
      plain('s3:GetObject', OBJECT),
      plain('s3:GetObjectVersion', OBJECT),
      plain('s3:GetObjectVersion', MANIFEST),
      plain('s3:GetObject', LEDGER),
      create(LEDGER),
      create(RECOVERY),
      list('_recovery/'),
      list('postgresql/'),
      { ...list('postgresql/'), action: 's3:ListBucketVersions' },
      list('_verified/postgresql/'),
      plain('s3:GetObject', RECORD),
      list('_records/postgresql/'),
      kms('Decrypt'),
      kms('GenerateDataKey'),
    ],
    forbidden: [
      create(OBJECT),
      create(MANIFEST),
      create(RECORD),
      overwrite(LEDGER),
      plain('s3:DeleteObjectVersion', OBJECT),
      plain('s3:GetObject', `${DATA}/mysql/x`),
      plain('s3:GetObject', `${DATA}/_verified/mysql/x`),
      lock('30'),
      secret('postgresql'),
    ],
  },
  restorer: {
    policy: seed.role('taskpostgresqlrestorer'),
    allowed: [
      plain('s3:GetObject', OBJECT),
      plain('s3:GetObjectVersion', OBJECT),
      plain('s3:GetObject', MANIFEST),
      plain('s3:GetObject', LEDGER),
      plain('s3:GetObject', RECORD),
      create(RECORD),
      list('postgresql/'),
      { ...list('postgresql/'), action: 's3:ListBucketVersions' },
      list('_verified/postgresql/'),
      list('_records/postgresql/'),
      kms('Decrypt'),
      kms('GenerateDataKey'),
      // Its container is not started without.
      folder('ClientMount'),
    ],
    forbidden: [
      folder('ClientWrite'),
      folder('ClientRootAccess'),
      create(OBJECT),
      create(MANIFEST),
      create(LEDGER),
      overwrite(LEDGER),
      overwrite(RECORD),
      create(`${DATA}/_records/mysql/x`),
      plain('s3:RestoreObject', OBJECT),
      plain('s3:DeleteObjectVersion', OBJECT),
      plain('s3:DeleteObjectVersion', RECORD),
      plain('s3:GetObject', `${DATA}/mysql/x`),
      plain('s3:GetObject', `${DATA}/_records/mysql/x`),
      lock('30'),
      secret('postgresql'),
    ],
  },
  pruner: {
    policy: seed.role('taskpostgresqlpruner'),
    allowed: [
      plain('s3:DeleteObjectVersion', OBJECT),
      plain('s3:DeleteObjectVersion', MANIFEST),
      plain('s3:GetObject', MANIFEST),
      plain('s3:GetObject', LEDGER),
      plain('s3:GetObjectRetention', OBJECT),
      { ...list('postgresql/'), action: 's3:ListBucketVersions' },
      list('_verified/postgresql/'),
      kms('Decrypt'),
    ],
    forbidden: [
      plain('s3:GetObject', OBJECT),
      plain('s3:GetObjectVersion', OBJECT),
      plain('s3:DeleteObjectVersion', `${DATA}/mysql/x`),
      create(OBJECT),
      create(LEDGER),
      lock('30'),
      kms('GenerateDataKey'),
      secret('postgresql'),
    ],
  },
  prober: {
    policy: seed.role('proberrole'),
    allowed: [
      plain('s3:GetObject', LEDGER),
      list('_verified/postgresql/'),
      list('_records/postgresql/'),
      // What prunes left lies there: names are enough.
      list('postgresql/'),
      kms('Decrypt'),
    ],
    forbidden: [
      plain('s3:GetObject', RECORD),
      plain('s3:GetObject', OBJECT),
      plain('s3:GetObject', MANIFEST),
      create(LEDGER),
      create(OBJECT),
      list('_recovery/'),
      list(''),
      plain('s3:DeleteObjectVersion', OBJECT),
      kms('GenerateDataKey'),
      secret('postgresql'),
    ],
  },
};

const resourcePolicy = ({ action, resource }: Ask): Policy | undefined => {
  if (action.startsWith('kms:')) return seed.keyPolicy;
  if (action.startsWith('elasticfilesystem:')) return seed.fileSystemPolicies[0];
  if (!action.startsWith('s3:')) return undefined;
  return seed.bucketPolicy(resource.replace('arn:aws:s3:::', '').replace(/\/.*$/, ''));
};
const text = ({ action, resource, context }: Ask) => `${action} ${resource} ${JSON.stringify(context ?? {})}`;
const answer = (policy: Policy, ask: Ask) => isAllowed(policy, ask, resourcePolicy(ask));

describe.each(Object.entries(IDENTITIES))('the %s', (identity, { policy, allowed, forbidden: own }) => {
  const forbidden = [...own, ...NEVER, ...(identity === 'verifier' ? [] : [create(RECOVERY)])];

  test.each(allowed.map((ask) => [text(ask), ask] as const))('may %s', async (_, ask) => {
    expect(await answer(policy, ask)).toBe(true);
  });

  test.each(forbidden.map((ask) => [text(ask), ask] as const))('may not %s', async (_, ask) => {
    expect(await answer(policy, ask)).toBe(false);
  });

  test('needs each of its statements: without one, or with every resource, an answer changes', async () => {
    const asks = [...allowed, ...forbidden];
    const answers = async (changed: Policy) => {
      const list: boolean[] = [];
      for (const ask of asks) list.push(await answer(changed, ask));
      return JSON.stringify(list);
    };
    const now = await answers(policy);
    const idle: string[] = [];
    for (const [index, statement] of policy.Statement.entries()) {
      const rest = policy.Statement.filter((_, other) => other !== index);
      const without = { ...policy, Statement: rest };
      if ((await answers(without)) === now) idle.push(JSON.stringify(statement));
    }
    expect(idle.filter((one) => !EXPECTED_IDLE.some((part) => one.includes(part)))).toEqual([]);
  });
});

/** Statements that no row above is about: the other stores of the task, and reading what is named by a hash. */
const EXPECTED_IDLE = [
  // Of the key that signs records: `record-key.test.ts`.
  'kms:GetPublicKey',
  // Asked of AWS's own token service, about which no row is.
  'sts:GetWebIdentityToken',
  'hypnoscript-backups',
  'hypnoscript-app-backups',
  'hypnoscript-config-backups',
  'cdk-hnb659fds-assets',
  'GetBucketLocation',
  'elasticfilesystem',
  'logs:',
  // Denied already, since nothing allows it: it holds should the prefixes ever be widened.
  `${DATA}/_*`,
];
