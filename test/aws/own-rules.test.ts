import { checkTemplate, OWN_RULES } from '../../lib/aws/own-rules';
import { RULE_TEXTS } from '../../lib/aws/rules/texts';

interface Bucket {
  Type: string;
  DeletionPolicy: string;
  Properties: ReturnType<typeof properties>;
}

const properties = () => ({
  BucketName: 'backups' as unknown,
  BucketNamePrefix: undefined as unknown,
  BucketNamespace: undefined as unknown,
  VersioningConfiguration: { Status: 'Enabled' } as unknown,
  ObjectLockEnabled: true as unknown,
  ObjectLockConfiguration: {
    Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 44, Years: undefined as unknown } },
  },
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k' } },
    ],
  },
  LifecycleConfiguration: { Rules: [tiers(), housekeeping()] as Record<string, unknown>[] },
  ReplicationConfiguration: { Rules: [replication('a', 1), replication('b', 2)] },
});

const tiers = () => ({
  Id: 'tiers',
  Prefix: 'data/',
  ExpirationInDays: 91,
  Transitions: [
    { StorageClass: 'STANDARD_IA', TransitionInDays: 30 },
    { StorageClass: 'GLACIER', TransitionInDays: 60 },
    { StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 90 },
  ],
});

const housekeeping = () => ({
  Id: 'housekeeping',
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  ExpiredObjectDeleteMarker: true,
  NoncurrentVersionExpiration: { NoncurrentDays: 44 },
});

const replication = (Id: string, Priority: number) => ({
  Id,
  Priority,
  Prefix: undefined as unknown,
  Filter: { Prefix: '' },
  DeleteMarkerReplication: { Status: 'Disabled' } as unknown,
  SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } } as unknown,
  Destination: {
    Bucket: `arn:aws:s3:::${Id}-backups` as unknown,
    EncryptionConfiguration: { ReplicaKmsKeyID: 'k' },
    ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
    Metrics: { Status: 'Enabled' } as unknown,
  },
});

const bucket = (): Bucket => ({ Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain', Properties: properties() });

/** What is found in a good bucket after one mistake. */
function after(mistake: (bucket: Bucket) => void) {
  const changed = bucket();
  mistake(changed);
  return checkTemplate({ Resources: { Bucket: changed } });
}

type Mistake = readonly [rule: keyof typeof RULE_TEXTS, found: RegExp, mistake: (bucket: Bucket) => void];
const lifecycle =
  (change: Record<string, unknown>, index = 0) =>
  (changed: Bucket) => {
    Object.assign(changed.Properties.LifecycleConfiguration.Rules[index] ?? {}, change);
  };
const replica = (change: (rule: ReturnType<typeof replication>) => void) => (changed: Bucket) => {
  const [rule] = changed.Properties.ReplicationConfiguration.Rules;
  if (rule) change(rule);
};
const moves = (...steps: [storageClass: string, days: number][]) =>
  lifecycle({ Transitions: steps.map(([StorageClass, TransitionInDays]) => ({ StorageClass, TransitionInDays })) });

const MISTAKES: readonly Mistake[] = [
  ['lifecycle-infrequent-access-too-early', /'tiers' .* after 29 days/, moves(['STANDARD_IA', 29])],
  ['lifecycle-infrequent-access-too-early', /after 10 days/, moves(['ONEZONE_IA', 10])],
  ['lifecycle-archive-too-soon', /after 30 and .* after 59 days/, moves(['STANDARD_IA', 30], ['GLACIER', 59])],
  ['lifecycle-archive-too-soon', /after 31 and .* after 60 days/, moves(['DEEP_ARCHIVE', 60], ['STANDARD_IA', 31])],
  [
    'lifecycle-expires-before-transition',
    /expires after 90 days and moves after 90/,
    lifecycle({ ExpirationInDays: 90 }),
  ],
  ['lifecycle-abort-with-filter', /filters by tag or size/, lifecycle({ ObjectSizeGreaterThan: 1 }, 1)],
  ['lifecycle-abort-with-filter', /'tiers'/, lifecycle({ TagFilters: [{}], AbortIncompleteMultipartUpload: {} })],
  ['lifecycle-marker-with-age', /'tiers'/, lifecycle({ ExpiredObjectDeleteMarker: true })],
  ['lifecycle-equal-ids', /the ID 'housekeeping'/, lifecycle({ Id: 'housekeeping' })],
  [
    'lifecycle-noncurrent-below-lock',
    /after 43 days, the lock holds 44/,
    lifecycle({ NoncurrentVersionExpiration: { NoncurrentDays: 43 } }, 1),
  ],
  [
    'replication-without-versioning',
    /keeps no versions/,
    ({ Properties }) => {
      Properties.VersioningConfiguration = { Status: 'Suspended' };
      Properties.ObjectLockEnabled = undefined;
    },
  ],
  ['replication-equal-ids', /the ID 'b'/, replica((rule) => (rule.Id = 'b'))],
  ['replication-equal-priorities', /the priority 2/, replica((rule) => (rule.Priority = 2))],
  ['replication-to-itself', /'a' replicates/, replica((rule) => (rule.Destination.Bucket = 'arn:aws:s3:::backups'))],
  ['replication-kms-not-selected', /selects no objects/, replica((rule) => (rule.SourceSelectionCriteria = undefined))],
  ['replication-time-without-metrics', /no metrics/, replica((rule) => (rule.Destination.Metrics = undefined))],
  [
    'replication-time-other-minutes',
    /asks for 30 minutes/,
    replica((rule) => (rule.Destination.ReplicationTime.Time.Minutes = 30)),
  ],
  [
    'replication-filter-without-markers',
    /delete markers/,
    replica((rule) => (rule.DeleteMarkerReplication = undefined)),
  ],
  [
    'replication-markers-travel',
    /replicates delete markers/,
    replica((rule) => (rule.DeleteMarkerReplication = { Status: 'Enabled' })),
  ],
  ['replication-mixed-forms', /outside a filter/, replica((rule) => (rule.Prefix = 'data/'))],
  [
    'lock-without-versioning',
    /keeps no versions/,
    ({ Properties }) => {
      Properties.VersioningConfiguration = undefined;
      Properties.ReplicationConfiguration.Rules = [];
    },
  ],
  [
    'lock-with-two-periods',
    /44 days and 1 years/,
    ({ Properties }) => (Properties.ObjectLockConfiguration.Rule.DefaultRetention.Years = 1),
  ],
  [
    'encryption-key-without-kms',
    /a key and AES256/,
    ({ Properties }) => {
      const [rule] = Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      if (rule) rule.ServerSideEncryptionByDefault.SSEAlgorithm = 'AES256';
    },
  ],
  ['namespace-without-prefix', /no name prefix/, ({ Properties }) => (Properties.BucketNamespace = 'account-regional')],
  ['no-custom-resource', /is a Custom::Thing/, (changed) => (changed.Type = 'Custom::Thing')],
  ['no-custom-resource', /CustomResource/, (changed) => (changed.Type = 'AWS::CloudFormation::CustomResource')],
  ['kept-on-deletion', /deletion policy Delete/, (changed) => (changed.DeletionPolicy = 'Delete')],
];

describe('checkTemplate', () => {
  test('finds nothing in a good bucket', () => {
    expect(after(() => undefined)).toEqual([]);
  });

  test.each(MISTAKES)('finds %s and nothing else: %s', (rule, found, mistake) => {
    expect(after(mistake)).toEqual([
      { rule, logicalId: 'Bucket', location: expect.stringMatching(/./), found: expect.stringMatching(found) },
    ]);
  });

  test('tries every rule above', () => {
    expect([...new Set(MISTAKES.map(([rule]) => rule))].sort()).toEqual(OWN_RULES.map(({ id }) => id).sort());
    expect(Object.keys(RULE_TEXTS).sort()).toEqual(OWN_RULES.map(({ id }) => id).sort());
  });

  test('holds keys to the deletion policy too, and nothing that can be made again', () => {
    const checked = ['AWS::KMS::Key', 'AWS::IAM::Role', 'AWS::S3::BucketPolicy'].map(
      (Type) => [Type, { Type }] as const,
    );
    expect(checkTemplate({ Resources: Object.fromEntries(checked) }).map(({ logicalId }) => logicalId)).toEqual([
      'AWS::KMS::Key',
    ]);
  });

  test('does not stumble over intrinsic functions, nor over a template without resources', () => {
    const token = { Ref: 'Parameter' };
    const found = after(({ Properties }) => {
      Properties.BucketName = token;
      Object.assign(Properties, {
        LifecycleConfiguration: token,
        ReplicationConfiguration: token,
        BucketEncryption: token,
      });
    });
    expect(found).toEqual([]);
    expect(checkTemplate({})).toEqual([]);
  });
});
