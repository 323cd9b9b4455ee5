import { backfillCommand } from '../../lib/aws/backfill';
import { OTHER, STORE, ACCOUNT } from './fixture';
import { resourcesOfType, templateOf } from './support';

const job = {
  region: 'eu-west-1',
  account: ACCOUNT,
  sourceArn: 'arn:aws:s3:::backups',
  reportsArn: 'arn:aws:s3:::logs',
  reports: 'backfill/backups',
  roleArn: 'arn:aws:iam::1:role/r',
};

const option = (command: string, name: string) =>
  JSON.parse(new RegExp(`--${name} '([^']*)'`).exec(command)?.[1] ?? '');

describe('the command that replicates older objects', () => {
  const command = backfillCommand(job);

  test('is one line that the AWS command line takes', () => {
    expect(command).toMatch(/^aws s3control create-job --no-confirmation-required [^\n]+$/);
    expect(command).toContain(`--region eu-west-1 --account-id ${ACCOUNT} --role-arn arn:aws:iam::1:role/r`);
    expect(option(command, 'operation')).toEqual({ S3ReplicateObject: {} });
  });

  test('takes what a rule covers and what was never replicated or failed', () => {
    expect(option(command, 'manifest-generator').S3JobManifestGenerator).toMatchObject({
      SourceBucket: 'arn:aws:s3:::backups',
      Filter: { EligibleForReplication: true, ObjectReplicationStatuses: ['NONE', 'FAILED'] },
    });
  });

  test('reports failures into the bucket of logs', () => {
    expect(option(command, 'report')).toMatchObject({
      Enabled: true,
      Bucket: 'arn:aws:s3:::logs',
      Prefix: 'backfill/backups',
      ReportScope: 'FailedTasksOnly',
    });
  });
});

test('every bucket that is replicated has the command in the outputs of its stack', () => {
  const outputs = Object.values(templateOf(STORE).findOutputs('*')) as { Description: string }[];
  expect(outputs.map(({ Description }) => Description)).toEqual([
    'replicates what was in hypnoscript-backups before its replication rules, and what failed',
    'replicates what was in hypnoscript-db-backups before its replication rules, and what failed',
  ]);
});

test("the job's role is for jobs of this account and region, and reads no object", () => {
  const role = resourcesOfType(templateOf(OTHER), 'AWS::IAM::Role').find(({ Properties }) =>
    JSON.stringify(Properties).includes('batchoperations'),
  );
  expect(role?.Properties['AssumeRolePolicyDocument']).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'batchoperations.s3.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': ACCOUNT },
          ArnLike: { 'aws:SourceArn': `arn:aws:s3:eu-west-1:${ACCOUNT}:job/*` },
        },
      },
    ],
  });
  const policies = JSON.stringify(role?.Properties['Policies']);
  expect(policies).toContain('s3:InitiateReplication');
  expect(policies).not.toContain('GetObject');
});
