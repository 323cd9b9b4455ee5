import { bucketArn, fillAccount, physicalName } from '../../lib/aws/bucket-name';

const identity = { name: 'backups', account: '111122223333', region: 'eu-west-1' };

describe('physicalName', () => {
  test('is the literal name', () => {
    expect(physicalName({ ...identity, naming: 'literal' })).toBe('backups');
  });

  test('carries account, region and suffix in an account-regional namespace', () => {
    expect(physicalName({ ...identity, naming: 'account_regional' })).toBe('backups-111122223333-eu-west-1-an');
  });
});

test('the ARN of a bucket names what S3 knows it by', () => {
  expect(bucketArn('aws-cn', { ...identity, naming: 'account_regional' })).toBe(
    'arn:aws-cn:s3:::backups-111122223333-eu-west-1-an',
  );
});

test('every place for the account is filled', () => {
  expect(fillAccount('logs-{account}-{account}', '1')).toBe('logs-1-1');
  expect(fillAccount('logs', '1')).toBe('logs');
});
