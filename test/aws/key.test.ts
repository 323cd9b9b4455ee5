import { Template } from 'aws-cdk-lib/assertions';
import { BackupKey } from '../../lib/aws/key';
import { createdKey, existingKey } from './fixture';
import { emptyStack, resources, resourcesOfType, resourceTypes } from './support';

describe('a key that is made', () => {
  const stack = emptyStack();
  new BackupKey(stack, 'key', { key: createdKey('aws/key/a', 'alias/a') });
  const template = Template.fromStack(stack);

  test('is a key and its alias', () => {
    expect(resourceTypes(template)).toEqual(['AWS::KMS::Alias', 'AWS::KMS::Key']);
  });

  test('rotates, can be saved from deletion for 30 days and outlives the stack', () => {
    template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { EnableKeyRotation: true, PendingWindowInDays: 30 },
    });
  });

  test('keeps the alias that other stacks name it by, unless it was never done', () => {
    template.hasResource('AWS::KMS::Alias', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { AliasName: 'alias/a' },
    });
  });

  test('is administered by its account and used by nobody else', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: [{ Effect: 'Allow', Action: 'kms:*', Principal: { AWS: 'arn:aws:iam::111122223333:root' } }],
      },
    });
  });

  test('answers for its node', () => {
    expect(resources(template).map(({ Metadata }) => Metadata?.hypdr?.nodes)).toEqual([['aws/key/a'], ['aws/key/a']]);
  });
});

test('a key that exists makes no resource and leaves its node to the buckets', () => {
  const stack = emptyStack();
  const key = new BackupKey(stack, 'key', { key: existingKey('alias', 'alias/a') });
  expect(Template.fromStack(stack).toJSON()['Resources']).toBeUndefined();
  expect(key.unanswered).toEqual(['aws/key/alias']);
});

test('a replication role of another account is let in by a condition, since it may not exist yet', () => {
  const stack = emptyStack();
  const key = new BackupKey(stack, 'key', { key: createdKey('aws/key/a', 'alias/a') });
  key.allowReplicas({ account: '4', roleArn: 'arn:aws:iam::4:role/r' }, 'arn:aws:s3:::b');
  const [resource] = resourcesOfType(Template.fromStack(stack), 'AWS::KMS::Key');
  const policy = resource?.Properties['KeyPolicy'] as { Statement: unknown[] };
  expect(policy.Statement[1]).toEqual({
    Effect: 'Allow',
    Action: ['kms:Encrypt', 'kms:GenerateDataKey'],
    Principal: { AWS: 'arn:aws:iam::4:root' },
    Resource: '*',
    Condition: {
      ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::4:role/r' },
      StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' },
      StringLike: { 'kms:EncryptionContext:aws:s3:arn': ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'] },
    },
  });
});
