import { renderReplicationRule } from '../../lib/aws/replication';
import { ACCOUNT, OTHER, replicationRule, STORE, VAULT } from './fixture';
import type { RawResource } from './support';
import { bucketNamed, resourcesOfType, templateOf } from './support';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

const store = templateOf({ ...STORE, account: ACCOUNT });
const other = templateOf(OTHER);

const rulesOf = (bucket: RawResource) =>
  (bucket.Properties['ReplicationConfiguration'] as { Rules: Record<string, never>[] }).Rules;
const roleOf = (template: typeof store, roleName: string) => {
  const role = resourcesOfType(template, 'AWS::IAM::Role').find(
    ({ Properties }) => Properties['RoleName'] === roleName,
  );
  if (!role) throw new Error(`no role '${roleName}'`);
  return role;
};
const statementsOf = (role: RawResource) =>
  (role.Properties['Policies'] as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );

describe('a replication rule', () => {
  const destination = {
    bucketArn: 'arn:aws:s3:::copy',
    key: { kind: 'key', arn: 'arn:aws:kms:eu-central-1:1:key/a' },
  } as const;
  const rule = replicationRule({ name: 'to-copy', bucket: 'copy', priority: 3, prefix: 'data/' });

  test('selects objects under KMS, keeps deletions back, and is timed to 15 minutes', () => {
    expect(renderReplicationRule({ ...destination, rule })).toEqual({
      id: 'to-copy',
      priority: 3,
      status: 'Enabled',
      filter: { prefix: 'data/' },
      deleteMarkerReplication: { status: 'Disabled' },
      sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
      destination: {
        bucket: 'arn:aws:s3:::copy',
        encryptionConfiguration: { replicaKmsKeyId: 'arn:aws:kms:eu-central-1:1:key/a' },
        replicationTime: { status: 'Enabled', time: { minutes: 15 } },
        metrics: { status: 'Enabled', eventThreshold: { minutes: 15 } },
      },
    });
  });

  test('is measured without time control too', () => {
    const { destination: rendered } = renderReplicationRule({ ...destination, rule: { ...rule, timeControl: false } });
    expect(rendered).toEqual({
      bucket: 'arn:aws:s3:::copy',
      encryptionConfiguration: { replicaKmsKeyId: 'arn:aws:kms:eu-central-1:1:key/a' },
      metrics: { status: 'Enabled' },
    });
  });

  test('hands replicas over to another account', () => {
    expect(renderReplicationRule({ ...destination, rule: { ...rule, account: VAULT } }).destination).toMatchObject({
      account: VAULT,
      accessControlTranslation: { owner: 'Destination' },
    });
  });
});

describe('a bucket with several destinations', () => {
  const bucket = bucketNamed(store, 'hypnoscript-backups');
  const role = roleOf(store, 'hypnoscript-backups-replication');

  test('names the keys of other regions and accounts by their alias', () => {
    expect(rulesOf(bucket)).toMatchObject([
      {
        Id: 'to-dr',
        Priority: 1,
        Destination: {
          Bucket: 'arn:aws:s3:::hypnoscript-backups-dr',
          EncryptionConfiguration: {
            ReplicaKmsKeyID: `arn:aws:kms:eu-central-1:${ACCOUNT}:alias/hypnoscript-backups-dr`,
          },
        },
      },
      {
        Id: 'to-vault',
        Priority: 2,
        Destination: {
          Account: VAULT,
          EncryptionConfiguration: { ReplicaKmsKeyID: `arn:aws:kms:eu-central-1:${VAULT}:alias/hypnoscript-vault` },
        },
      },
    ]);
  });

  test('has one role, which only S3 takes, for this bucket of this account', () => {
    expect(role.Properties['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [
        {
          Principal: { Service: 's3.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': ACCOUNT },
            ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::hypnoscript-backups' },
          },
        },
      ],
    });
  });

  test('lets the role read locks along with objects', () => {
    expect(statementsOf(role)).toContainEqual({
      Effect: 'Allow',
      Action: [
        's3:GetObjectLegalHold',
        's3:GetObjectRetention',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionForReplication',
        's3:GetObjectVersionTagging',
      ],
      Resource: 'arn:aws:s3:::hypnoscript-backups/*',
    });
  });

  test('lets the role write to all destinations, own replicas of the vault only, and delete nowhere', () => {
    const writing = statementsOf(role).filter(({ Action }) => /s3:(Replicate|ObjectOwner)/.test(String(Action)));
    expect(writing).toMatchObject([
      {
        Action: ['s3:ReplicateObject', 's3:ReplicateTags'],
        Resource: ['arn:aws:s3:::hypnoscript-backups-dr/*', 'arn:aws:s3:::hypnoscript-vault/*'],
      },
      { Action: 's3:ObjectOwnerOverrideToBucketOwner', Resource: 'arn:aws:s3:::hypnoscript-vault/*' },
    ]);
    expect(JSON.stringify(statementsOf(role))).not.toContain('Delete');
  });

  test('lets the role encrypt with keys that carry the alias, where they are', () => {
    const encrypting = statementsOf(role).filter(({ Action }) => String(Action).includes('kms:Encrypt'));
    expect(encrypting).toMatchObject([
      {
        Resource: `arn:aws:kms:eu-central-1:${ACCOUNT}:key/*`,
        Condition: {
          'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/hypnoscript-backups-dr' },
          StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
        },
      },
      {
        Resource: `arn:aws:kms:eu-central-1:${VAULT}:key/*`,
        Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/hypnoscript-vault' } },
      },
    ]);
  });

  test('answers for its rules, and so does the role', () => {
    const rules = ['aws/replication/to-dr', 'aws/replication/to-vault'];
    expect(bucket.Metadata?.hypdr?.nodes).toEqual(expect.arrayContaining(rules));
    expect(role.Metadata?.hypdr?.nodes).toEqual(['aws/bucket/hypnoscript-backups', ...rules]);
  });
});

describe('a copy in the same region', () => {
  test('is made before the bucket that names it', () => {
    expect(bucketNamed(store, 'hypnoscript-db-backups').DependsOn).toEqual([
      expect.stringMatching(/^hypnoscriptdbarchive/),
      expect.stringMatching(/^logsPolicy/),
    ]);
  });

  test('has a prefix, no time control, and the key of the bucket it goes to', () => {
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^key/), 'Arn'] };
    expect(rulesOf(bucketNamed(store, 'hypnoscript-db-backups'))).toEqual([
      expect.objectContaining({
        Filter: { Prefix: 'postgresql/' },
        Destination: {
          Bucket: 'arn:aws:s3:::hypnoscript-db-archive',
          EncryptionConfiguration: { ReplicaKmsKeyID: key },
          Metrics: { Status: 'Enabled' },
        },
      }),
    ]);
    const [writing] = statementsOf(roleOf(store, 'hypnoscript-db-backups-replication')).filter(({ Action }) =>
      String(Action).includes('kms:Encrypt'),
    );
    expect(writing?.Resource).toEqual(key);
  });

  test('under a key that exists names that key, whatever the rule says', () => {
    expect(rulesOf(bucketNamed(other, 'finance-ledger'))[0]).toMatchObject({
      Destination: { EncryptionConfiguration: { ReplicaKmsKeyID: `arn:aws:kms:eu-west-1:${VAULT}:alias/shared` } },
    });
    expect(JSON.stringify(other.toJSON())).not.toContain('never-asked-for');
  });
});

describe('buckets of an account-regional namespace', () => {
  const name = `finance-ledger-${ACCOUNT}-eu-west-1-an`;

  test('are named in full by rule, role and trust', () => {
    expect(rulesOf(bucketNamed(other, 'finance-ledger'))).toMatchObject([
      { Destination: { Bucket: `arn:aws:s3:::finance-copy-${ACCOUNT}-eu-west-1-an` } },
      { Destination: { Bucket: `arn:aws:s3:::finance-far-${ACCOUNT}-eu-central-1-an` } },
    ]);
    const role = JSON.stringify(roleOf(other, 'finance-ledger-replication').Properties);
    expect(role).toContain(`"aws:SourceArn":"arn:aws:s3:::${name}"`);
    expect(role).toContain(`"arn:aws:s3:::finance-far-${ACCOUNT}-eu-central-1-an/*"`);
    expect(role).not.toMatch(/:::finance-(ledger|copy|far)["/]/);
  });

  test('carry the account as a token where the plan leaves it open', () => {
    const open = templateOf({ ...OTHER, account: undefined });
    expect(rulesOf(bucketNamed(open, 'finance-ledger'))[0]).toMatchObject({
      Destination: {
        Bucket: { 'Fn::Join': ['', ['arn:aws:s3:::finance-copy-', { Ref: 'AWS::AccountId' }, '-eu-west-1-an']] },
      },
    });
  });
});
