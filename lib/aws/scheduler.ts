import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnScheduleProps } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { RunSchedule } from '../contract/task';
import { cronOf } from './cron';

/** A start that could not be delivered within this time is given up and told: the next one is near. */
const LONGEST_DELAY_SECONDS = 3600;

/**
 * Scheduler fills this in with the planned start.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

export function schedulerPrincipal(scope: Construct): ServicePrincipal {
  return new ServicePrincipal('scheduler.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}

export interface SchedulerRoleProps {
  readonly description: string;
  /** State machine that is started. */
  readonly machineArn: string;
  /** Where starts go that could not be delivered, and its key. */
  readonly queue: IQueue;
  readonly key: IKey;
}

/** What the scheduler acts as when it starts a state machine. */
export function schedulerRole(scope: Construct, { description, machineArn, queue, key }: SchedulerRoleProps): Role {
  return new Role(scope, 'scheduler', {
    description,
    assumedBy: schedulerPrincipal(scope),
    inlinePolicies: {
      start: new PolicyDocument({
        statements: [
          new PolicyStatement({ actions: ['states:StartExecution'], resources: [machineArn] }),
          new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
          new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
        ],
      }),
    },
  });
}

export interface StartTarget {
  readonly machineArn: string;
  readonly roleArn: string;
  readonly deadLetterArn: string;
  /** What the execution is told. */
  readonly input: object;
}

/** When a state machine starts, to the minute in the schedule's own zone, and how long its delivery is tried. */
export function startsOf(
  schedule: RunSchedule,
  { machineArn, roleArn, deadLetterArn, input }: StartTarget,
): Pick<CfnScheduleProps, 'scheduleExpression' | 'scheduleExpressionTimezone' | 'flexibleTimeWindow' | 'target'> {
  const { expression, timeZone } = cronOf(schedule);
  return {
    scheduleExpression: expression,
    scheduleExpressionTimezone: timeZone,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: machineArn,
      roleArn,
      retryPolicy: { maximumEventAgeInSeconds: LONGEST_DELAY_SECONDS, maximumRetryAttempts: 10 },
      deadLetterConfig: { arn: deadLetterArn },
      input: JSON.stringify(input),
    },
  };
}
