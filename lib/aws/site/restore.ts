import { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { SiteSynchronization } from '../../contract/site';
import { DeadLetters } from '../dead-letters';
import { answerFor } from '../node-metadata';
import { schedulerPrincipal, startsOf } from '../scheduler';
import type { SiteFrame } from './frame';
import type { SiteMachines } from './machines';
import { SITE_NAMESPACE, SITE_TAG, siteDimension } from './names';

export interface SiteRestoreProps {
  readonly frame: SiteFrame;
  readonly restores: NonNullable<SiteSynchronization['restores']>;
  readonly machines: SiteMachines;
}

/** Windows of an alarm end after a week. */
const LONGEST_DAYS = 7;

/**
 * Starts the database machines of a site that sleeps. The machine itself restores, says what came of it and goes off; a
 * site that is active has its machines on, and another start changes nothing.
 */
export class SiteRestore extends Construct {
  constructor(scope: Construct, id: string, { frame, restores, machines }: SiteRestoreProps) {
    super(scope, id);
    const { site, key, topic } = frame;
    const { partition, region, account } = Stack.of(this);
    const { queue } = new DeadLetters(this, 'undelivered', { key, topic });
    const role = new Role(this, 'role', {
      description: `Starts the database machines of ${site.name}`,
      assumedBy: schedulerPrincipal(this),
      inlinePolicies: {
        start: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['ec2:StartInstances'],
              resources: [`arn:${partition}:ec2:${region}:${account}:instance/*`],
              conditions: { StringEquals: { [`aws:ResourceTag/${SITE_TAG}`]: site.prefix } },
            }),
            // A machine starts with disks that are encrypted by the site's key.
            // https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
            new PolicyStatement({
              actions: ['kms:CreateGrant'],
              resources: [key.keyArn],
              conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
            }),
            new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
          ],
        }),
      },
    });
    const starts = startsOf(restores.schedule, {
      machineArn: `arn:${partition}:scheduler:::aws-sdk:ec2:startInstances`,
      roleArn: role.roleArn,
      deadLetterArn: queue.queueArn,
      input: {},
    });
    const schedule = new CfnSchedule(this, 'Resource', {
      ...starts,
      name: `${site.prefix}-restore`,
      description: `Restores the newest backups into ${site.name}`,
      target: {
        ...(starts.target as CfnSchedule.TargetProperty),
        input: Stack.of(this).toJsonString({ InstanceIds: machines.instances.map(({ ref }) => ref) }),
      },
    });
    const [first] = machines.instances;
    if (first?.cfnOptions.condition) schedule.cfnOptions.condition = first.cfnOptions.condition;
    answerFor(schedule, [restores.id]);
    this.#alarms(frame, restores);
  }

  #alarms({ site, topic }: SiteFrame, { schedule }: SiteRestoreProps['restores']): void {
    const shared = {
      namespace: SITE_NAMESPACE,
      dimensions: [siteDimension(site)],
      statistic: 'Sum',
      alarmActions: [topic.topicArn],
    };
    new CfnAlarm(this, 'failed', {
      ...shared,
      alarmName: `${site.prefix}-restore-failed`,
      alarmDescription: `A restore into ${site.name} failed, or somebody should look at it`,
      metricName: 'RestoreFailed',
      period: 300,
      evaluationPeriods: 1,
      threshold: 0,
      comparisonOperator: 'GreaterThanThreshold',
      treatMissingData: 'notBreaching',
    });
    const days = longestPause(schedule) + 1;
    if (days > LONGEST_DAYS) return;
    new CfnAlarm(this, 'overdue', {
      ...shared,
      alarmName: `${site.prefix}-restore-overdue`,
      alarmDescription: `Nothing was restored into ${site.name} for ${days} days`,
      metricName: 'RestoreSucceeded',
      period: 86_400,
      evaluationPeriods: days,
      datapointsToAlarm: days,
      threshold: 1,
      comparisonOperator: 'LessThanThreshold',
      treatMissingData: 'breaching',
    });
  }
}

/** Days between two restores at most. */
function longestPause(schedule: SiteRestoreProps['restores']['schedule']): number {
  if (schedule.kind === 'interval') return Math.max(1, Math.ceil(schedule.everySeconds / 86_400));
  switch (schedule.days.kind) {
    case 'all':
      return 1;
    case 'not_month_day':
      return 2;
    case 'weekdays':
      return schedule.days.weekdays.length >= 5 ? 3 : LONGEST_DAYS;
    case 'month_day':
      return 31;
  }
}
