import type { AwsBucket, AwsKey, AwsLifecycleRule, AwsReplicationRule, AwsStack } from '../../lib/contract/aws-storage';
import { AwsStack as AwsStackSchema } from '../../lib/contract/aws-storage';

/**
 * A plan by hand, with every form that the contract allows: two regions and a vault account, replicas with and without
 * time control, an archive in the same region, each form of an existing key, both namings, each kind of lock.
 */
export const ACCOUNT = '111122223333';
export const VAULT = '444455556666';

export function bucketPlan(overrides: Partial<AwsBucket> & Pick<AwsBucket, 'name'>): AwsBucket {
  return {
    id: `aws/bucket/${overrides.name}`,
    from: ['backup.cloud.aws_s3'],
    naming: 'literal',
    keyId: 'aws/key/backups',
    lock: { mode: 'governance', days: 44 },
    noncurrentExpireAfterDays: 44,
    abortMultipartAfterDays: 7,
    lifecycle: [],
    replication: null,
    replicaOf: null,
    ...overrides,
  };
}

export function createdKey(id: string, alias: string): AwsKey {
  return { id, from: ['backup.general.encryption'], kind: 'created', alias };
}

export function existingKey(form: 'key-id' | 'key-arn' | 'alias' | 'alias-arn', value: string): AwsKey {
  return { id: `aws/key/${form}`, from: ['backup.cloud.aws_s3.kms_key_id'], kind: 'existing', form, value };
}

export function lifecycleRule(overrides: Partial<AwsLifecycleRule> & Pick<AwsLifecycleRule, 'name'>): AwsLifecycleRule {
  return {
    id: `aws/lifecycle/${overrides.name}`,
    from: ['backup.cloud.aws_s3.lifecycle'],
    prefix: '',
    transitions: [
      { afterDays: 30, storageClass: 'STANDARD_IA' },
      { afterDays: 90, storageClass: 'GLACIER' },
    ],
    expireAfterDays: 2555,
    ...overrides,
  };
}

export function replicationRule(
  overrides: Partial<AwsReplicationRule> & Pick<AwsReplicationRule, 'name' | 'bucket' | 'priority'>,
): AwsReplicationRule {
  return {
    id: `aws/replication/${overrides.name}`,
    from: ['backup.cloud.aws_s3.replication'],
    prefix: '',
    naming: 'literal',
    region: 'eu-central-1',
    keyAlias: 'alias/hypnoscript-backups-dr',
    timeControl: true,
    ...overrides,
  };
}

export function stackPlan(overrides: Partial<AwsStack> & Pick<AwsStack, 'name'>): AwsStack {
  return AwsStackSchema.parse({
    id: `aws/stack/${overrides.name}`,
    from: ['backup.cloud.aws_s3'],
    kind: 'backup-store',
    region: 'eu-west-1',
    after: [],
    keys: [createdKey('aws/key/backups', 'alias/hypnoscript-backups')],
    logs: { id: 'aws/logs/eu-west-1', from: [], name: 'hypnoscript-logs-{account}-eu-west-1', expireAfterDays: 400 },
    buckets: [],
    ...overrides,
  });
}

const backups = bucketPlan({
  name: 'hypnoscript-backups',
  lifecycle: [lifecycleRule({ name: 'tiers' })],
  replication: {
    roleName: 'hypnoscript-backups-replication',
    rules: [
      replicationRule({ name: 'to-dr', bucket: 'hypnoscript-backups-dr', priority: 1 }),
      replicationRule({
        name: 'to-vault',
        bucket: 'hypnoscript-vault',
        priority: 2,
        account: VAULT,
        keyAlias: 'alias/hypnoscript-vault',
        timeControl: false,
      }),
    ],
  },
});

const database = bucketPlan({
  name: 'hypnoscript-db-backups',
  lifecycle: [
    lifecycleRule({
      name: 'postgresql',
      prefix: 'postgresql/',
      transitions: [{ afterDays: 30, storageClass: 'STANDARD_IA' }],
    }),
    lifecycleRule({ name: 'mysql', prefix: 'mysql/', transitions: [], expireAfterDays: 134 }),
  ],
  replication: {
    roleName: 'hypnoscript-db-backups-replication',
    rules: [
      replicationRule({
        name: 'archive-postgresql',
        bucket: 'hypnoscript-db-archive',
        priority: 1,
        prefix: 'postgresql/',
        region: 'eu-west-1',
        keyAlias: 'alias/hypnoscript-backups',
        timeControl: false,
      }),
    ],
  },
});

const archive = bucketPlan({
  name: 'hypnoscript-db-archive',
  lifecycle: [
    lifecycleRule({
      name: 'archive',
      prefix: 'postgresql/',
      transitions: [{ afterDays: 90, storageClass: 'GLACIER' }],
    }),
  ],
  replicaOf: { bucket: 'hypnoscript-db-backups', roleName: 'hypnoscript-db-backups-replication' },
});

const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const existingKeys = [
  existingKey('key-id', KEY_ID),
  existingKey('key-arn', `arn:aws:kms:eu-west-1:${VAULT}:key/${KEY_ID}`),
  existingKey('alias', 'alias/finance'),
  existingKey('alias-arn', `arn:aws:kms:eu-west-1:${VAULT}:alias/shared`),
];

export const REPLICAS = stackPlan({
  name: 'hypnoscript-replica-store-eu-central-1',
  kind: 'replica-store',
  region: 'eu-central-1',
  keys: [createdKey('aws/key/backups-dr', 'alias/hypnoscript-backups-dr')],
  logs: {
    id: 'aws/logs/eu-central-1',
    from: [],
    name: 'hypnoscript-logs-{account}-eu-central-1',
    expireAfterDays: 400,
  },
  buckets: [
    bucketPlan({
      name: 'hypnoscript-backups-dr',
      keyId: 'aws/key/backups-dr',
      lifecycle: [lifecycleRule({ name: 'tiers', id: 'aws/lifecycle/dr-tiers' })],
      replicaOf: { bucket: 'hypnoscript-backups', roleName: 'hypnoscript-backups-replication' },
    }),
  ],
});

export const VAULT_STORE = stackPlan({
  name: 'hypnoscript-vault-store-eu-central-1',
  kind: 'replica-store',
  region: 'eu-central-1',
  account: VAULT,
  keys: [createdKey('aws/key/vault', 'alias/hypnoscript-vault')],
  logs: { id: 'aws/logs/vault', from: [], name: 'hypnoscript-vault-logs-{account}', expireAfterDays: 400 },
  buckets: [
    bucketPlan({
      name: 'hypnoscript-vault',
      keyId: 'aws/key/vault',
      lock: { mode: 'compliance', days: 44 },
      replicaOf: { bucket: 'hypnoscript-backups', roleName: 'hypnoscript-backups-replication', account: ACCOUNT },
    }),
  ],
});

export const STORE = stackPlan({
  name: 'hypnoscript-backup-store-eu-west-1',
  after: [REPLICAS.name, VAULT_STORE.name],
  buckets: [backups, database, archive],
});

/** Another application, with keys that exist, names of its own namespace and an account that is known. */
export const OTHER = stackPlan({
  name: 'finance-backup-store-eu-west-1',
  account: ACCOUNT,
  keys: existingKeys,
  logs: { id: 'aws/logs/finance', from: [], name: 'finance-logs-{account}-eu-west-1', expireAfterDays: 400 },
  buckets: [
    bucketPlan({
      name: 'finance-ledger',
      naming: 'account_regional',
      keyId: 'aws/key/alias',
      replication: {
        roleName: 'finance-ledger-replication',
        rules: [
          replicationRule({
            name: 'to-copy',
            bucket: 'finance-copy',
            priority: 1,
            naming: 'account_regional',
            region: 'eu-west-1',
            keyAlias: 'alias/never-asked-for',
            timeControl: false,
          }),
          replicationRule({
            name: 'to-far',
            bucket: 'finance-far',
            priority: 2,
            naming: 'account_regional',
            keyAlias: 'alias/finance-far',
            timeControl: true,
          }),
        ],
      },
    }),
    bucketPlan({
      name: 'finance-copy',
      naming: 'account_regional',
      keyId: 'aws/key/alias-arn',
      replicaOf: { bucket: 'finance-ledger', roleName: 'finance-ledger-replication' },
    }),
    bucketPlan({ name: 'finance-scratch', keyId: 'aws/key/key-id', lock: null }),
    bucketPlan({ name: 'finance-records', keyId: 'aws/key/key-arn', lock: { mode: 'compliance', days: 44 } }),
  ],
});

export const PLANS: readonly AwsStack[] = [STORE, REPLICAS, VAULT_STORE, OTHER];
