import { Template } from 'aws-cdk-lib/assertions';
import { LogBucket } from '../../lib/aws/log-bucket';
import { emptyStack, resources, resourceTypes } from './support';

const stack = emptyStack();
new LogBucket(stack, 'logs', {
  logs: { id: 'aws/logs', from: [], name: 'logs-{account}', expireAfterDays: 400 },
  sources: ['arn:aws:s3:::one', 'arn:aws:s3:::two'],
});
const template = Template.fromStack(stack);
const [bucket] = resources(template);

describe('the bucket of logs', () => {
  test('is a bucket and its policy', () => {
    expect(resourceTypes(template)).toEqual(['AWS::S3::Bucket', 'AWS::S3::BucketPolicy']);
  });

  test('is named after its account, encrypted by S3, public to nobody, and kept', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        BucketName: 'logs-111122223333',
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
  });

  test('forgets after the days of the plan', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 400, Status: 'Enabled' }] },
    });
  });

  test('has no lock and no overwrite rule, which deliveries could not pass', () => {
    expect(bucket?.Properties['ObjectLockEnabled']).toBeUndefined();
    expect(JSON.stringify(template.toJSON())).not.toContain('if-none-match');
  });

  test("takes logs and inventories of the stack's buckets only, over TLS only", () => {
    const policy = Object.values(template.findResources('AWS::S3::BucketPolicy'))[0]?.['Properties'].PolicyDocument;
    expect(policy.Statement).toMatchObject([
      { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
      ...['logging.s3.amazonaws.com', 's3.amazonaws.com'].map((Service) => ({
        Effect: 'Allow',
        Action: 's3:PutObject',
        Principal: { Service },
        Condition: {
          ArnLike: { 'aws:SourceArn': ['arn:aws:s3:::one', 'arn:aws:s3:::two'] },
          StringEquals: { 'aws:SourceAccount': '111122223333' },
        },
      })),
    ]);
  });

  test('answers for its node', () => {
    expect(bucket?.Metadata?.hypdr?.nodes).toEqual(['aws/logs']);
  });
});
