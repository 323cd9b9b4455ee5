import { CfnOutput, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { LogBucket } from './log-bucket';
import { BACKFILL_PREFIX } from './log-bucket';
import { answerFor } from './node-metadata';
import type { BackupBucket } from './store';

export interface BackfillProps {
  readonly source: BackupBucket;
  readonly logs: LogBucket;
}

/**
 * Objects that are older than a replication rule are not replicated by it. The stack's output holds the command that
 * starts S3 Batch Replication for them, and for what failed; this role is what the job acts as.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
 */
export class Backfill extends Construct {
  constructor(scope: Construct, id: string, { source, logs }: BackfillProps) {
    super(scope, id);
    const { region, account, partition } = Stack.of(this);
    const reports = `${BACKFILL_PREFIX}/${source.plan.name}`;
    const role = new Role(this, 'Role', {
      description: `S3 Batch Replication of ${source.plan.name} runs as this role`,
      assumedBy: new ServicePrincipal('batchoperations.s3.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:s3:${region}:${account}:job/*` },
        },
      }),
      inlinePolicies: {
        backfill: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['s3:GetReplicationConfiguration', 's3:PutInventoryConfiguration'],
              resources: [source.arn],
            }),
            new PolicyStatement({ actions: ['s3:InitiateReplication'], resources: [`${source.arn}/*`] }),
            new PolicyStatement({
              actions: ['s3:PutObject'],
              resources: [logs.bucket.arnForObjects(`${reports}/*`)],
            }),
          ],
        }),
      },
    });
    new CfnOutput(this, 'Command', {
      description: `replicates what was in ${source.plan.name} before its replication rules, and what failed`,
      value: backfillCommand({
        region,
        account,
        sourceArn: source.arn,
        reportsArn: logs.bucket.bucketArn,
        reports,
        roleArn: role.roleArn,
      }),
    });
    answerFor(role, [source.plan.id]);
  }
}

export interface BackfillJob {
  readonly region: string;
  readonly account: string;
  readonly sourceArn: string;
  /** ARN of the bucket that the job's report of failures goes to. */
  readonly reportsArn: string;
  /** Prefix of the report, without a slash at its end. */
  readonly reports: string;
  readonly roleArn: string;
}

/** S3 makes the list of objects itself: all that a rule covers and that were never replicated, or not successfully. */
export function backfillCommand({ region, account, sourceArn, reportsArn, reports, roleArn }: BackfillJob): string {
  const list = {
    S3JobManifestGenerator: {
      SourceBucket: sourceArn,
      EnableManifestOutput: false,
      Filter: { EligibleForReplication: true, ObjectReplicationStatuses: ['NONE', 'FAILED'] },
    },
  };
  const report = {
    Enabled: true,
    Bucket: reportsArn,
    Prefix: reports,
    Format: 'Report_CSV_20180820',
    ReportScope: 'FailedTasksOnly',
  };
  return [
    'aws s3control create-job --no-confirmation-required --priority 1',
    `--region ${region} --account-id ${account} --role-arn ${roleArn}`,
    `--operation '${JSON.stringify({ S3ReplicateObject: {} })}'`,
    `--manifest-generator '${JSON.stringify(list)}'`,
    `--report '${JSON.stringify(report)}'`,
  ].join(' ');
}
