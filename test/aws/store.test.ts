import { Match } from 'aws-cdk-lib/assertions';
import { bucketPlan, createdKey, existingKey, lifecycleRule, OTHER, stackPlan, STORE, VAULT_STORE } from './fixture';
import { bucketNamed, resourcesOfType, resourceTypes, templateOf } from './support';

const plain = stackPlan({
  name: 'plain',
  account: '111122223333',
  buckets: [bucketPlan({ name: 'backups', lifecycle: [lifecycleRule({ name: 'tiers', prefix: 'data/' })] })],
});

describe('a bucket of backups', () => {
  const template = templateOf(plain);
  const { Properties } = bucketNamed(template, 'backups');

  test('comes with its policy, its key and the bucket of its logs', () => {
    expect(resourceTypes(template)).toEqual([
      'AWS::KMS::Alias',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::S3::BucketPolicy',
    ]);
  });

  test('keeps versions, is public to nobody and knows no ACLs', () => {
    expect(Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  test('is encrypted by its key, through a bucket key, and by no key that only a request holds', () => {
    expect(Properties['BucketEncryption']).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
          ServerSideEncryptionByDefault: {
            SSEAlgorithm: 'aws:kms',
            KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^key/), 'Arn'] },
          },
        },
      ],
    });
  });

  test('outlives its stack, and so does its policy; with what failed to make it both go, and their name is free', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy']) {
      for (const resource of resourcesOfType(template, type)) {
        expect(resource).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
      }
    }
  });

  test('refuses plain HTTP, old TLS, overwrites and other encryption', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Deny',
            Action: 's3:*',
            Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
          }),
          Match.objectLike({ Sid: 'DenyOverwrites', Effect: 'Deny', Principal: { AWS: '*' } }),
          Match.objectLike({ Sid: 'DenyOtherEncryption', Effect: 'Deny', Principal: { AWS: '*' } }),
          Match.objectLike({ Sid: 'DenyOtherKeys', Effect: 'Deny', Principal: { AWS: '*' } }),
        ],
      },
    });
  });

  test('has the rules of the plan and its housekeeping', () => {
    expect(Properties['LifecycleConfiguration']).toEqual({
      Rules: [
        {
          Id: 'tiers',
          Status: 'Enabled',
          Prefix: 'data/',
          ExpirationInDays: 2555,
          Transitions: [
            { StorageClass: 'STANDARD_IA', TransitionInDays: 30 },
            { StorageClass: 'GLACIER', TransitionInDays: 90 },
          ],
        },
        {
          Id: 'housekeeping',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          ExpiredObjectDeleteMarker: true,
          NoncurrentVersionExpiration: { NoncurrentDays: 44 },
        },
      ],
    });
  });

  test('logs every access under its own name and lists every version daily', () => {
    expect(Properties).toMatchObject({
      LoggingConfiguration: { LogFilePrefix: 'access/backups/' },
      InventoryConfigurations: [
        {
          ScheduleFrequency: 'Daily',
          IncludedObjectVersions: 'All',
          Destination: { Format: 'Parquet', Prefix: 'inventory', BucketAccountId: '111122223333' },
        },
      ],
    });
  });

  test('waits for the policy that lets its logs be delivered', () => {
    expect(bucketNamed(template, 'backups').DependsOn).toEqual([expect.stringMatching(/^logsPolicy/)]);
  });

  test('answers for itself and its rules, its policy for the bucket', () => {
    expect(bucketNamed(template, 'backups').Metadata?.hypdr?.nodes).toEqual([
      'aws/bucket/backups',
      'aws/lifecycle/tiers',
    ]);
    expect(
      resourcesOfType(template, 'AWS::S3::BucketPolicy').map(({ Metadata }) => Metadata?.hypdr?.nodes),
    ).toContainEqual(['aws/bucket/backups']);
  });

  test('publishes nothing to EventBridge and needs no code of its own', () => {
    expect(Properties['NotificationConfiguration']).toBeUndefined();
    expect(resourceTypes(template).filter((type) => /Lambda|Custom/.test(type))).toEqual([]);
  });
});

describe('the lock', () => {
  const lockOf = (name: string, plan = OTHER) => {
    const { ObjectLockEnabled, ObjectLockConfiguration } = bucketNamed(templateOf(plan), name).Properties;
    return { ObjectLockEnabled, ObjectLockConfiguration };
  };
  const locked = (Mode: string) => ({
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 44, Mode } } },
  });

  test('is governance or compliance for the days of the plan', () => {
    expect(lockOf('hypnoscript-db-archive', STORE)).toEqual(locked('GOVERNANCE'));
    expect(lockOf('finance-records')).toEqual(locked('COMPLIANCE'));
    expect(lockOf('hypnoscript-vault', VAULT_STORE)).toEqual(locked('COMPLIANCE'));
  });

  test('is off altogether where the plan has none, since it can not be switched off later', () => {
    expect(lockOf('finance-scratch')).toEqual({});
  });

  test('is listed by the inventory where there is one', () => {
    const fieldsOf = (name: string) => {
      const [inventory] = bucketNamed(templateOf(OTHER), name).Properties['InventoryConfigurations'] as {
        OptionalFields: string[];
      }[];
      return inventory?.OptionalFields;
    };
    expect(fieldsOf('finance-records')).toContain('ObjectLockRetainUntilDate');
    expect(fieldsOf('finance-scratch')).not.toContain('ObjectLockRetainUntilDate');
  });
});

describe('a key that exists', () => {
  test.each([
    ['key-id', 'abc', 'arn:aws:kms:eu-west-1:111122223333:key/abc'],
    ['key-arn', 'arn:aws:kms:eu-west-1:4:key/abc', 'arn:aws:kms:eu-west-1:4:key/abc'],
    ['alias', 'alias/a', 'arn:aws:kms:eu-west-1:111122223333:alias/a'],
    ['alias-arn', 'arn:aws:kms:eu-west-1:4:alias/a', 'arn:aws:kms:eu-west-1:4:alias/a'],
  ] as const)('given as %s encrypts the bucket, which answers for it', (form, value, arn) => {
    const key = existingKey(form, value);
    const template = templateOf({ ...plain, keys: [key], buckets: [bucketPlan({ name: 'backups', keyId: key.id })] });
    const bucket = bucketNamed(template, 'backups');
    expect(resourcesOfType(template, 'AWS::KMS::Key')).toEqual([]);
    expect(JSON.stringify(bucket.Properties['BucketEncryption'])).toContain(`"KMSMasterKeyID":"${arn}"`);
    expect(bucket.Metadata?.hypdr?.nodes).toEqual([`aws/bucket/backups`, key.id]);
  });
});

test("a name of the account's own namespace is given as a prefix", () => {
  const { Properties } = bucketNamed(templateOf(OTHER), 'finance-ledger');
  expect(Properties).toMatchObject({ BucketNamePrefix: 'finance-ledger', BucketNamespace: 'account-regional' });
  expect(Properties['BucketName']).toBeUndefined();
});

describe('a vault', () => {
  const template = templateOf(VAULT_STORE);
  const role = 'arn:aws:iam::111122223333:role/hypnoscript-backups-replication';

  test('lets the replication role of the source write, by bucket policy and by key policy', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::111122223333:root' },
            Condition: { ArnEquals: { 'aws:PrincipalArn': role } },
            Action: ['s3:ObjectOwnerOverrideToBucketOwner', 's3:ReplicateObject', 's3:ReplicateTags'],
          }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { AWS: 'arn:aws:iam::111122223333:root' },
            Condition: Match.objectLike({ ArnEquals: { 'aws:PrincipalArn': role } }),
          }),
        ]),
      },
    });
  });
});

test('a bucket that its own account fills lets nobody in', () => {
  const policies = resourcesOfType(templateOf(STORE), 'AWS::S3::BucketPolicy').map(({ Properties }) =>
    JSON.stringify(Properties),
  );
  expect(policies.filter((policy) => policy.includes('DenyOverwrites'))).toHaveLength(3);
  for (const policy of policies.filter((text) => text.includes('DenyOverwrites'))) {
    expect(policy).not.toContain('"Effect":"Allow"');
  }
});

test('one key serves several buckets', () => {
  const shared = stackPlan({
    name: 'shared',
    keys: [createdKey('aws/key/backups', 'alias/a')],
    buckets: [bucketPlan({ name: 'one-bucket' }), bucketPlan({ name: 'two-buckets' })],
  });
  expect(resourcesOfType(templateOf(shared), 'AWS::KMS::Key')).toHaveLength(1);
});
