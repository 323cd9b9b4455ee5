import type { KeyReference } from '../../lib/aws/key-reference';
import { encryptionArn, keyReferenceOf, renderKeyUse } from '../../lib/aws/key-reference';
import { existingKey } from './fixture';

const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const referenceOf = (form: 'key-id' | 'key-arn' | 'alias' | 'alias-arn', value: string): KeyReference => {
  const key = existingKey(form, value);
  if (key.kind !== 'existing') throw new Error('not an existing key');
  return keyReferenceOf(key, place);
};

describe('a key that exists is named to S3', () => {
  test.each([
    ['key-id', 'abc', 'arn:aws:kms:eu-west-1:111122223333:key/abc'],
    ['key-arn', 'arn:aws:kms:eu-west-1:4:key/abc', 'arn:aws:kms:eu-west-1:4:key/abc'],
    ['alias', 'alias/a/b', 'arn:aws:kms:eu-west-1:111122223333:alias/a/b'],
    ['alias-arn', 'arn:aws:kms:eu-west-1:4:alias/a', 'arn:aws:kms:eu-west-1:4:alias/a'],
  ] as const)('by its full ARN when given as %s', (form, value, arn) => {
    expect(encryptionArn(referenceOf(form, value))).toBe(arn);
  });
});

describe('the use of a key is allowed', () => {
  const use = { actions: ['kms:Decrypt'], region: 'eu-west-1', bucketArn: 'arn:aws:s3:::b' };

  test('on the key itself where its ARN is known, for this bucket and through S3 only', () => {
    expect(renderKeyUse(referenceOf('key-id', 'abc'), use).toStatementJson()).toEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: 'arn:aws:kms:eu-west-1:111122223333:key/abc',
      Condition: {
        StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' },
        StringLike: { 'kms:EncryptionContext:aws:s3:arn': ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'] },
      },
    });
  });

  test('by the alias that the key carries, never with the alias as the resource', () => {
    const statement = renderKeyUse(referenceOf('alias-arn', 'arn:aws:kms:eu-central-1:4:alias/a'), use);
    expect(statement.resources).toEqual(['arn:aws:kms:eu-central-1:4:key/*']);
    expect(statement.conditions['ForAnyValue:StringEquals']).toEqual({ 'kms:ResourceAliases': 'alias/a' });
  });
});
