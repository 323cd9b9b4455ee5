import { ACCOUNT, REGION } from './template-values';
import { isAllowed, policiesOfSeed } from './rights';
import type { Ask, Policy } from './rights';

/** What a host may do by the policy that its role is given, and what the state machine may do with hosts. */
const seed = policiesOfSeed();
const policy = seed.managed('taskconfigurationhost');
const machine = seed.role('machinerole');
const DATA = 'arn:aws:s3:::hypnoscript-config-backups';
const SHARED = 'arn:aws:s3:::hypnoscript-backups';
const RUN = `${DATA}/config/2026/11/22/20261122T021500Z-full`;
const OBJECT = `${RUN}-0011223344556677/tar.0001`;
const MANIFEST = `${RUN}.manifest.json`;
const LEDGER = `${DATA}/_verified/configuration/config/2026/11/22/20261122T021500Z-full.manifest.json`;
const ASSETS = `arn:aws:s3:::cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`;
const LOG = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/hypnoscript/hypnoscript-backup-1of1/hosts`;
const CREATED = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };

const plain = (action: string, resource: string, context: Ask['context'] = {}): Ask => ({ action, resource, context });
const create = (resource: string) => plain('s3:PutObject', resource, CREATED);
const list = (prefix: string, resource = DATA) => plain('s3:ListBucket', resource, { 's3:prefix': prefix });
const lock = (days: string) =>
  plain('s3:PutObjectRetention', OBJECT, { 's3:object-lock-remaining-retention-days': days });
const assets = (text: string) => [...new Set(JSON.stringify(text).match(/[0-9a-f]{64}\.js(on)?/g))];
// By what they are: the order of their hashes says nothing.
const asset = (end: string) => assets(JSON.stringify(policy)).filter((one) => one.endsWith(end));
const [[runner = ''], [manifest = '']] = [asset('.js'), asset('.json')];

const ALLOWED: readonly Ask[] = [
  create(OBJECT),
  create(MANIFEST),
  create(`${SHARED}/data/configuration/20261122T021500Z-full.manifest.json`),
  plain('s3:AbortMultipartUpload', OBJECT),
  plain('s3:ListMultipartUploadParts', OBJECT),
  plain('s3:GetObject', MANIFEST),
  list('config/'),
  // Its folder has a max_size: what goes for it is seen in the ledger and in the versions of the store.
  list('_verified/configuration/'),
  plain('s3:ListBucketVersions', DATA, { 's3:prefix': 'config/' }),
  plain('s3:ListBucketVersions', DATA, { 's3:prefix': '_verified/configuration/' }),
  plain('s3:GetObject', LEDGER),
  plain('s3:GetObjectVersion', LEDGER),
  lock('30'),
  plain('s3:GetObject', `${ASSETS}/${runner}`),
  plain('s3:GetObject', `${ASSETS}/${manifest}`),
  list(`${runner}/`, ASSETS),
  plain('logs:CreateLogStream', `${LOG}:log-stream:command-1/i-1/runner/stdout`),
  plain('logs:PutLogEvents', `${LOG}:log-stream:command-1/i-1/runner/stdout`),
];

/** What would destroy a backup or its guard, or what a verifier and a pruner do: refused on whatever other grounds. */
const REFUSED: readonly Ask[] = [
  plain('s3:DeleteObject', OBJECT),
  plain('s3:DeleteObjectVersion', OBJECT),
  plain('s3:DeleteObjectVersion', LEDGER),
  plain('s3:PutObjectTagging', OBJECT),
  plain('s3:BypassGovernanceRetention', OBJECT),
  plain('s3:PutObjectLegalHold', OBJECT),
  plain('s3:PutLifecycleConfiguration', DATA),
  plain('s3:PutBucketVersioning', DATA),
  plain('s3:PutBucketPolicy', DATA),
  plain('s3:DeleteBucket', DATA),
  create(LEDGER),
  create(`${DATA}/_recovery/0011/recipe.md`),
];

const FORBIDDEN: readonly Ask[] = [
  plain('s3:PutObject', OBJECT, { 's3:ObjectCreationOperation': 'true' }),
  plain('s3:GetObject', OBJECT),
  create(`${SHARED}/data/postgresql/x`),
  list('_verified/'),
  list('_verified/other/'),
  plain('s3:ListBucketVersions', DATA),
  plain('s3:ListBucketVersions', DATA, { 's3:prefix': '_recovery/' }),
  plain('s3:GetObject', `${DATA}/_verified/other/a.manifest.json`),
  plain('s3:GetObject', `${DATA}/_recovery/0011/recipe.md`),
  list('', ASSETS),
  lock('36500'),
  plain('s3:GetObject', `${ASSETS}/${'0'.repeat(64)}.json`),
  plain('s3:PutObject', `${ASSETS}/${runner}`),
  plain('logs:DeleteLogStream', `${LOG}:log-stream:command-1/i-1/runner/stdout`),
  plain('ssm:SendCommand', `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-0123456789abcdef0`),
];

const bucketOf = (resource: string) => resource.replace('arn:aws:s3:::', '').replace(/\/.*$/, '');
const answer = (own: Policy, ask: Ask) => {
  const ours = ask.action.startsWith('s3:') && !ask.resource.startsWith(ASSETS);
  return isAllowed(own, ask, ours ? seed.bucketPolicy(bucketOf(ask.resource)) : undefined);
};
const named = (asks: readonly Ask[]) =>
  asks.map((ask) => [`${ask.action} ${ask.resource} ${JSON.stringify(ask.context)}`, ask] as const);

test('the policy names a runner and a manifest', () => {
  expect([asset('.js'), asset('.json')]).toEqual([[runner], [manifest]]);
  expect(runner && manifest).not.toBe('');
});

describe('a host', () => {
  test.each(named(ALLOWED))('may %s', async (_, ask) => {
    expect(await answer(policy, ask)).toBe(true);
  });

  test.each(named([...REFUSED, ...FORBIDDEN]))('may not %s', async (_, ask) => {
    expect(await answer(policy, ask)).toBe(false);
  });
});

describe('a host whose role may do everything on other grounds', () => {
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const both: Policy = { ...policy, Statement: [...policy.Statement, everything] };

  test.each(named(REFUSED))('still may not %s', async (_, ask) => {
    expect(await answer(both, ask)).toBe(false);
  });

  test('keeps what it has elsewhere', async () => {
    expect(await isAllowed(both, plain('s3:DeleteObject', 'arn:aws:s3:::somebody-else/x'))).toBe(true);
  });

  test('could destroy backups without the refusal', async () => {
    const without = { ...both, Statement: both.Statement.filter((one) => !('NotAction' in one)) };
    expect(await answer(without, plain('s3:PutLifecycleConfiguration', DATA))).toBe(true);
  });
});

describe('the state machine', () => {
  const node = (kind: 'ec2' | 'ssm', tag?: string) =>
    plain(
      'ssm:SendCommand',
      kind === 'ec2'
        ? `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-0123456789abcdef0`
        : `arn:aws:ssm:${REGION}:${ACCOUNT}:managed-instance/mi-0123456789abcdef0`,
      tag === undefined ? {} : { 'ssm:resourceTag/hypnoscript:backup': tag },
    );
  const document = (name: string) => plain('ssm:SendCommand', `arn:aws:ssm:${REGION}:${ACCOUNT}:document/${name}`);

  test.each(
    named([
      document('hypnoscript-backup-1of1-host'),
      node('ec2', 'configuration'),
      node('ssm', 'application_data'),
      plain('ssm:ListCommands', '*'),
      plain('ssm:ListCommandInvocations', '*'),
      plain('ssm:GetCommandInvocation', '*'),
    ]),
  )('may %s', async (_, ask) => {
    expect(await isAllowed(machine, ask)).toBe(true);
  });

  test.each(
    named([
      document('AWS-RunShellScript'),
      document('hypnoscript-backup-1of2-host'),
      node('ec2'),
      node('ec2', 'postgresql'),
      node('ssm'),
      plain('ssm:StartSession', `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-0123456789abcdef0`),
      plain('ssm:UpdateDocument', `arn:aws:ssm:${REGION}:${ACCOUNT}:document/hypnoscript-backup-1of1-host`),
    ]),
  )('may not %s', async (_, ask) => {
    expect(await isAllowed(machine, ask)).toBe(false);
  });
});
