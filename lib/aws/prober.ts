import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AlarmingGauge } from '../contract/age-gauge';
import type { AwsTask } from '../contract/aws-tasks';
import { isTestRestored } from '../plan/aws-task-groups';
import { cover } from '../plan/cover';
import { KEPT } from './kept';
import { renderKeyUse } from './key-reference';
import type { TaskBucket } from './rights';
import { schedulerPrincipal } from './scheduler';

export interface ProberProps {
  readonly functionName: string;
  /** Folder with the bundled function. */
  readonly folder: string;
  readonly key: IKey;
  readonly topic: ITopic;
  readonly namespace: string;
  readonly group: string;
  readonly deadLetterArn: string;
  /** Where all manifests lie. @default - each is named */
  readonly manifests?: string | undefined;
  readonly tasks: readonly {
    readonly task: AwsTask;
    readonly manifest: Asset;
    readonly buckets: readonly TaskBucket[];
  }[];
}

const EVERY = Duration.minutes(15);

/** What a task, or one of all that a prober looks at, is late with. */
interface Late {
  /** Dimension of the gauge. */
  readonly of: Readonly<Record<string, string>>;
  readonly metricName: AlarmingGauge;
  readonly alarmDescription: string;
  /** What it means that nobody could look. */
  readonly missing: TreatMissingData;
}

/**
 * Asks the verifier's ledger how old the newest verified backup is, per task, type and store. Weekly tasks are longer
 * than any alarm looks back, so the age is what alarms; and where the prober itself is silent, that alarms too. What is
 * left of the newest chain alarms 14 days before lifecycle may take it (`lib/runner/chain-expiry.ts` says when a shorter
 * retention does).
 */
export class Prober extends Construct {
  constructor(scope: Construct, id: string, props: ProberProps) {
    super(scope, id);
    const lambda = this.#function(props);
    const role = new Role(this, 'start', {
      description: 'Starts the prober',
      assumedBy: schedulerPrincipal(this),
      inlinePolicies: {
        start: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [props.deadLetterArn] }),
            new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [props.key.keyArn] }),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'schedule', {
      name: 'prober',
      groupName: props.group,
      description: 'Looks how old the newest verified backups are',
      scheduleExpression: `rate(${EVERY.toMinutes()} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: lambda.functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumEventAgeInSeconds: EVERY.toSeconds(), maximumRetryAttempts: 2 },
        deadLetterConfig: { arn: props.deadLetterArn },
        input: JSON.stringify({ tasks: props.tasks.map(({ manifest }) => manifest.s3ObjectUrl) }),
      },
    });
    // One for all: a stack has room for few alarms of each task, and the prober's log says which it is.
    this.#alarm('unpruned', props, {
      of: { Prober: props.functionName },
      metricName: 'PruneOverdueSeconds',
      alarmDescription:
        'A store keeps what nothing needs of a task for three days longer than it has to, or nobody could look: the log of the prober says which',
      missing: TreatMissingData.BREACHING,
    });
    for (const { task } of props.tasks) {
      const { task: name } = task;
      this.#alarm(`overdue-${name}`, props, {
        of: { Task: name },
        metricName: 'BackupOverdueSeconds',
        alarmDescription: `No verified backup of ${name} is young enough, or nobody could look`,
        missing: TreatMissingData.BREACHING,
      });
      this.#alarm(`expiring-${name}`, props, {
        of: { Task: name },
        metricName: 'ExpiryWarningSeconds',
        alarmDescription: `The newest verified chain of ${name} in a store expires within 14 days, or less where the retention is short`,
        // Without a chain there is nothing to expire, and where nobody looks: both are overdue.
        missing: TreatMissingData.IGNORE,
      });
      if (!isTestRestored(task)) continue;
      this.#alarm(`untested-${name}`, props, {
        of: { Task: name },
        metricName: 'TestRestoreOverdueSeconds',
        alarmDescription: `No test restore of ${name} is on record in the time of its cadence, or nobody could look`,
        missing: TreatMissingData.BREACHING,
      });
    }
  }

  #function({ functionName, folder, key, tasks, manifests }: ProberProps): Lambda {
    const { partition, region, account } = Stack.of(this);
    const logs = new LogGroup(this, 'log', {
      logGroupName: `/hypnoscript/${functionName}`,
      encryptionKey: key,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: KEPT,
    });
    const role = new Role(this, 'role', {
      description: 'Reads the ledgers of backups',
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        probe: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [`arn:${partition}:logs:${region}:${account}:log-group:/hypnoscript/${functionName}:*`],
            }),
            new PolicyStatement({
              actions: ['s3:GetObject'],
              resources: manifests
                ? [manifests]
                : tasks.map(({ manifest }) => manifest.bucket.arnForObjects(manifest.s3ObjectKey)),
            }),
            ...ledgerReading(tasks.flatMap(({ buckets }) => buckets)),
          ],
        }),
      },
    });
    return new Lambda(this, 'Resource', {
      functionName,
      description: 'How old the newest verified backups are',
      runtime: Runtime.NODEJS_24_X,
      handler: 'prober.handler',
      code: Code.fromAsset(folder),
      memorySize: 512,
      timeout: Duration.minutes(5),
      role,
      logGroup: logs,
    });
  }

  /** Late by more than a quarter of an hour, twice in a row; or, as asked for, nobody knows. */
  #alarm(id: string, { namespace, topic }: ProberProps, { of, metricName, alarmDescription, missing }: Late): void {
    const alarm = new Alarm(this, id, {
      alarmDescription,
      metric: new Metric({
        namespace,
        metricName,
        dimensionsMap: of,
        period: EVERY,
        statistic: 'Maximum',
      }),
      threshold: EVERY.toSeconds(),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: missing,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
}

/**
 * The ledger lies at the root of a bucket, in a folder for each data set: one right a bucket, however many tasks. Records
 * of test restores are listed, and so is the data, of which pruning may have left too much: names are enough, and neither is
 * read by anybody here.
 */
function ledgerReading(buckets: readonly TaskBucket[]): PolicyStatement[] {
  const once = [...new Map(buckets.map((one) => [one.bucketArn, one])).values()];
  const listed = ({ bucketArn }: TaskBucket) => {
    const data = cover(buckets.filter((one) => one.bucketArn === bucketArn).flatMap(({ prefixes }) => prefixes));
    return ['_verified/', '_records/', ...data].map((prefix) => `${prefix}*`);
  };
  return once.flatMap((bucket) => [
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [`${bucket.bucketArn}/_verified/*`],
    }),
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': listed(bucket) } },
    }),
    new PolicyStatement({ actions: ['s3:GetBucketLocation'], resources: [bucket.bucketArn] }),
    renderKeyUse(bucket.key, { ...bucket, actions: ['kms:Decrypt'] }),
  ]);
}
