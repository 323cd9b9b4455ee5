import { renderReplicaWriting, renderWriteDenials } from '../../lib/aws/bucket-policy';
import { deniedBy } from './policy-evaluator';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/a';
const denials = renderWriteDenials('arn:aws:s3:::b', KEY);
const denied = (context: Record<string, string>, action = 's3:PutObject') => deniedBy(denials, { action, context });

const created = { 's3:ObjectCreationOperation': 'true' };
const once = { ...created, 's3:if-none-match': '*' };

describe('a write that could replace an object', () => {
  test('is refused as a plain PutObject, a completion of an upload, or a copy', () => {
    expect(denied(created)).toEqual(['DenyOverwrites']);
    expect(denied({ ...created, 's3:x-amz-copy-source': 'b/k' })).toEqual(['DenyOverwrites']);
  });

  test('passes when it asks that no object is there', () => {
    expect(denied(once)).toEqual([]);
  });

  test.each<Record<string, string>>([{ 's3:ObjectCreationOperation': 'false' }, {}])(
    'does not concern the parts of an upload, which can not ask: %j',
    (part) => {
      expect(denied(part)).toEqual([]);
    },
  );

  test('does not concern replication', () => {
    expect(denied({}, 's3:ReplicateObject')).toEqual([]);
  });
});

describe('encryption', () => {
  const sse = 's3:x-amz-server-side-encryption';
  const keyId = 's3:x-amz-server-side-encryption-aws-kms-key-id';

  test("is the bucket's own where the request names none", () => {
    expect(denied(once)).toEqual([]);
  });

  test("is refused where the request asks for S3's own keys", () => {
    expect(denied({ ...once, [sse]: 'AES256' })).toEqual(['DenyOtherEncryption']);
  });

  test("passes under the bucket's key, named or not", () => {
    expect(denied({ ...once, [sse]: 'aws:kms' })).toEqual([]);
    expect(denied({ ...once, [sse]: 'aws:kms', [keyId]: KEY })).toEqual([]);
  });

  test('is refused under another key', () => {
    expect(denied({ ...once, [sse]: 'aws:kms', [keyId]: `${KEY}b` })).toEqual(['DenyOtherKeys']);
  });
});

describe('a replication role of another account', () => {
  const statements = renderReplicaWriting('arn:aws:s3:::b', { account: '4', roleArn: 'arn:aws:iam::4:role/r' });

  test('may write replicas and make them ours, and can not delete', () => {
    const actions = statements.flatMap((statement) => statement.actions);
    expect(actions).toEqual([
      's3:ReplicateObject',
      's3:ReplicateTags',
      's3:ObjectOwnerOverrideToBucketOwner',
      's3:GetBucketVersioning',
    ]);
  });

  test('is the only one of its account', () => {
    for (const statement of statements) {
      expect(statement.conditions).toEqual({ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::4:role/r' } });
    }
  });
});
