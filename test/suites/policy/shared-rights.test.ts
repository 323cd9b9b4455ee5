import type { RoleKind } from '../../../lib/contract/shared-roles';
import { LONGEST_POLICY, placePolicy, secretPolicy } from '../../../lib/runner/identity/session-policy';
import { many } from '../../plan/many';
import { need, planOf } from '../../plan/support';
import { isAllowed, policiesOf } from './rights';
import type { Ask, Policy } from './rights';
import { ACCOUNT, REGION } from './template-values';

/**
 * What containers may do whose tasks share roles: by the roles of the templates and by the session policy of the runner,
 * both at once. The shard has so many tasks that its roles are as wide as they get.
 */
const plan = planOf(many(400, 5, 10, 'validation: { test_restore: true }'));
const shard = need(plan.awsTasks.shards[0], 'a shard');
const policies = policiesOf(plan, shard.name);
const [mine = '', theirs = ''] = shard.tasks.filter(({ host, local }) => !host && !local).map(({ task }) => task);
const OWN = 'arn:aws:s3:::acme-own';
const SHARED = 'arn:aws:s3:::acme-all';
const SHARD = `${plan.name}-backup-1of5`;
const ASSETS = `arn:aws:s3:::cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`;
const ALIAS =
  plan.aws.flatMap(({ keys }) => keys).flatMap((key) => (key.kind === 'created' ? [key.alias] : []))[0] ?? '';
const CREATED = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };

const create = (resource: string): Ask => ({ action: 's3:PutObject', resource, context: CREATED });
const overwrite = (resource: string): Ask => ({
  action: 's3:PutObject',
  resource,
  context: { 's3:ObjectCreationOperation': 'true' },
});
const plain = (action: string, resource: string): Ask => ({ action, resource });
const list = (bucket: string, prefix: string, action = 's3:ListBucket'): Ask => ({
  action,
  resource: bucket,
  context: { 's3:prefix': prefix },
});
const lock = (resource: string, days: string): Ask => ({
  action: 's3:PutObjectRetention',
  resource,
  context: { 's3:object-lock-remaining-retention-days': days },
});
const kms = (action: string, bucket: string): Ask => ({
  action: `kms:${action}`,
  resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`,
  context: {
    'kms:ViaService': `s3.${REGION}.amazonaws.com`,
    'kms:EncryptionContext:aws:s3:arn': bucket,
    'kms:ResourceAliases': [ALIAS],
  },
});
const secret = (task: string) =>
  plain(
    'secretsmanager:GetSecretValue',
    `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:hypnoscript/${task}-AbCdEf`,
  );

const resourcePolicy = ({ action, resource }: Ask): Policy | undefined => {
  if (action.startsWith('kms:')) return policies.keyPolicy;
  const bucket = resource.replace('arn:aws:s3:::', '').replace(/\/.*$/, '');
  return action.startsWith('s3:') && bucket.startsWith('acme-') ? policies.bucketPolicy(bucket) : undefined;
};
const answer = (policy: Policy, ask: Ask, session?: object) => isAllowed(policy, ask, resourcePolicy(ask), session);
const text = ({ action, resource, context }: Ask) => `${action} ${resource} ${JSON.stringify(context ?? {})}`;
const rows = (asks: readonly Ask[]) => asks.map((ask) => [text(ask), ask] as const);

const roleOf = (kind: RoleKind, bucket: string) =>
  policies.role(`sharedrolesawstaskseuwest11${kind}${kind === 'writer' ? '30' : ''}awsbucketacme${bucket}`);

/** What a kind may do in a place of a task, which is everything that the protocol gives it. */
function rights(kind: RoleKind, bucket: string, prefix: string, task: string): readonly Ask[] {
  const object = `${bucket}/${prefix}20261122T021500Z-full-0011223344556677/main.0001`;
  const manifest = `${bucket}/${prefix}20261122T021500Z-full.manifest.json`;
  const ledger = `${bucket}/_verified/${task}/${prefix}20261122T021500Z-full.manifest.json`;
  switch (kind) {
    case 'writer':
      return [
        create(object),
        create(manifest),
        plain('s3:AbortMultipartUpload', object),
        plain('s3:ListMultipartUploadParts', object),
        plain('s3:GetObject', manifest),
        list(bucket, prefix),
        lock(object, '30'),
      ];
    case 'verifier':
      return [
        plain('s3:GetObject', object),
        plain('s3:GetObjectVersion', object),
        plain('s3:GetObject', ledger),
        create(ledger),
        list(bucket, prefix, 's3:ListBucketVersions'),
        list(bucket, `_verified/${task}/`),
      ];
    case 'restorer': {
      const record = `${bucket}/_records/${task}/20261122T021500Z-test-restore-00.json`;
      return [
        plain('s3:GetObject', object),
        plain('s3:GetObject', ledger),
        plain('s3:GetObject', record),
        create(record),
        list(bucket, prefix, 's3:ListBucketVersions'),
        list(bucket, `_records/${task}/`),
      ];
    }
    case 'pruner':
      return [
        plain('s3:DeleteObjectVersion', object),
        plain('s3:GetObject', manifest),
        plain('s3:GetObject', ledger),
        plain('s3:GetObjectRetention', object),
        list(bucket, prefix, 's3:ListBucketVersions'),
        list(bucket, `_verified/${task}/`),
      ];
  }
}

const places = (task: string) =>
  [
    ['own', OWN, `${task}/`],
    ['all', SHARED, `data/${task}/`],
  ] as const;

/** Refused by every role alone, however wide its prefixes are, and so by every session. */
function never(kind: RoleKind, bucket: string, prefix: string, task: string): readonly Ask[] {
  const object = `${bucket}/${prefix}20261122T021500Z-full-0011223344556677/main.0001`;
  const ledger = `${bucket}/_verified/${task}/x`;
  const record = `${bucket}/_records/${task}/x`;
  return [
    plain('s3:DeleteObject', object),
    plain('s3:DeleteObjectVersion', ledger),
    plain('s3:DeleteObjectVersion', `${bucket}/_recovery/x`),
    plain('s3:PutObjectTagging', object),
    plain('s3:BypassGovernanceRetention', object),
    plain('s3:PutBucketPolicy', bucket),
    // What a restore without us needs is put there by whoever verifies, once.
    kind === 'verifier' ? overwrite(`${bucket}/_recovery/x`) : create(`${bucket}/_recovery/x`),
    overwrite(object),
    overwrite(ledger),
    lock(object, '36500'),
    ...(kind === 'verifier' ? [create(object), plain('s3:DeleteObjectVersion', object)] : [create(ledger)]),
    ...(kind === 'writer' ? [plain('s3:GetObject', object), plain('s3:DeleteObjectVersion', object)] : []),
    ...(kind === 'pruner' ? [plain('s3:GetObject', object), create(object)] : []),
    ...(kind === 'restorer'
      ? [create(object), plain('s3:DeleteObjectVersion', object), plain('s3:RestoreObject', object), overwrite(record)]
      : [create(record)]),
    secret(task),
  ];
}

describe.each(['writer', 'verifier', 'pruner', 'restorer'] as const)('the %s', (kind) => {
  describe.each(places(mine))('in the %s bucket', (name, bucket, prefix) => {
    const role = roleOf(kind, name);
    const session = placePolicy('aws', bucket.replace('arn:aws:s3:::', ''), { task: mine, path: `${prefix}{year}/` });
    const [[, , other] = ['', '', '']] = places(theirs).filter(([one]) => one === name);

    test.each(rows([...rights(kind, bucket, prefix, mine), kms('Decrypt', bucket)]))(
      'may %s for its task',
      async (_, ask) => {
        expect(await answer(role, ask, session)).toBe(true);
      },
    );

    test.each(rows(rights(kind, bucket, other, theirs)))('may not %s, of another task', async (_, ask) => {
      expect(await answer(role, ask, session)).toBe(false);
      // The role itself is as wide as its shard: it is the session that refuses.
      expect(await answer(role, ask)).toBe(true);
    });

    test.each(rows(never(kind, bucket, prefix, mine)))('may not %s, session or not', async (_, ask) => {
      expect([await answer(role, ask), await answer(role, ask, session)]).toEqual([false, false]);
    });

    test('is held to its place by a policy that is short', () => {
      expect(JSON.stringify(session).length).toBeLessThan(LONGEST_POLICY / 2);
    });
  });
});

test('secrets are read one at a time, by a role that does nothing else', async () => {
  const role = policies.role('sharedrolessecrets');
  const session = secretPolicy('aws', REGION, ACCOUNT, `hypnoscript/${mine}`);
  const allowed = [secret(mine), secret(theirs), secret('../other/x'), create(`${OWN}/${mine}/x`)];
  const answers = [];
  for (const ask of allowed) answers.push([await answer(role, ask), await answer(role, ask, session)]);
  expect(answers).toEqual([
    [true, true],
    [true, false],
    [true, false],
    [false, false],
  ]);
});

describe.each(['writer', 'verifier', 'pruner', 'restorer'] as const)(
  'what a container starts as to work as %s',
  (kind) => {
    const base = policies.role(`sharedroles${kind}`);
    const taken = (shardName: string, work: string) =>
      plain('sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/hypnoscript-shared/${REGION}/${shardName}/${work}/x`);

    test('reads the manifests of its shard and takes the roles of its work', async () => {
      expect(await answer(base, plain('s3:GetObject', `${ASSETS}/${SHARD}/0011.json`))).toBe(true);
      expect(await answer(base, taken(SHARD, kind))).toBe(true);
    });

    const others = (['writer', 'verifier', 'pruner', 'copier', 'restorer'] as const).filter((one) => one !== kind);
    test.each(
      rows([
        ...others.map((one) => taken(SHARD, one)),
        taken(`${plan.name}-backup-2of4`, kind),
        plain('s3:GetObject', `${ASSETS}/${plan.name}-backup-2of4/0011.json`),
        plain('s3:GetObject', `${ASSETS}/${SHARD}/0011.zip`),
        plain('s3:PutObject', `${ASSETS}/${SHARD}/0011.json`),
        ...places(mine).flatMap(([, bucket, prefix]) => [
          ...(['writer', 'verifier', 'pruner', 'restorer'] as const).flatMap((one) =>
            rights(one, bucket, prefix, mine),
          ),
          kms('Decrypt', bucket),
        ]),
        secret(mine),
      ]),
    )('may not %s', async (_, ask) => {
      expect(await answer(base, ask)).toBe(false);
    });

    test('and nobody else takes those roles', () => {
      for (const [name] of places(mine)) {
        const lock = kind === 'writer' ? '30' : '';
        const { Statement } = policies.trust(`sharedrolesawstaskseuwest11${kind}${lock}awsbucketacme${name}`);
        expect(Statement).toEqual([
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { AWS: expect.stringMatching(new RegExp(`:sharedroles${kind}[0-9A-F]{8}/Arn$`)) as unknown },
          },
        ]);
      }
    });
  },
);
