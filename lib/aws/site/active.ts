import { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnHealthCheck } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { answerFor } from '../node-metadata';
import { addStateMachine } from '../state-machine';
import { renderActiveReport } from './active-machine';
import type { SiteFrame } from './frame';
import { putMetrics } from './identity';
import { ACTIVE_METRIC, SITE_NAMESPACE, activeAlarm, siteDimension, workflowName } from './names';
import { starterRole } from './starter';

export interface SiteActiveProps {
  readonly frame: SiteFrame;
  /** What the site says of itself. */
  readonly table: ITable;
}

/** After so long of silence, in seconds, somebody is told; twice in a row. */
const SILENCE_SECONDS = 300;

/**
 * Whether the site is active, as Route 53 can ask it. Route 53 follows the numbers of an alarm and not its state, so they
 * are said each minute, in the site's own region. While nobody says one, what was said last holds.
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */
export class SiteActive extends Construct {
  /** Healthy while the site is active. */
  readonly active: CfnHealthCheck;
  /** Healthy while it is not. */
  readonly asleep: CfnHealthCheck;

  constructor(scope: Construct, id: string, { frame, table }: SiteActiveProps) {
    super(scope, id);
    const { site, topic } = frame;
    this.#report(frame, table);
    const number = {
      namespace: SITE_NAMESPACE,
      metricName: ACTIVE_METRIC,
      dimensions: [siteDimension(site)],
    };
    // Route 53 copies these settings when it makes a health check: whoever changes them gives the alarm another name.
    const alarm = new CfnAlarm(this, 'Resource', {
      ...number,
      alarmName: activeAlarm(site),
      alarmDescription: `${site.name} is active: Route 53 takes the name of the primary away while this rings`,
      statistic: 'Maximum',
      period: 60,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      treatMissingData: 'ignore',
    });
    answerFor(alarm, [site.activation.id]);
    const told = [topic.topicArn];
    new CfnAlarm(this, 'silent', {
      ...number,
      alarmName: `${activeAlarm(site)}-silent`,
      alarmDescription: `Nobody says whether ${site.name} is active: its name stays where it is`,
      statistic: 'SampleCount',
      period: SILENCE_SECONDS,
      evaluationPeriods: 2,
      threshold: 1,
      comparisonOperator: 'LessThanThreshold',
      treatMissingData: 'breaching',
      alarmActions: told,
      okActions: told,
    });
    this.asleep = this.#check('asleep', frame, alarm, false);
    this.active = this.#check('active', frame, alarm, true);
  }

  /** A new one that was never told anything is healthy, and unhealthy where it is inverted: the site is asleep. */
  #check(id: 'active' | 'asleep', { site }: SiteFrame, alarm: CfnAlarm, inverted: boolean): CfnHealthCheck {
    return new CfnHealthCheck(this, `is-${id}`, {
      healthCheckConfig: {
        type: 'CLOUDWATCH_METRIC',
        alarmIdentifier: { name: alarm.ref, region: site.region },
        insufficientDataHealthStatus: 'LastKnownStatus',
        inverted,
      },
      healthCheckTags: [{ key: 'Name', value: `${site.prefix}-${id}` }],
    });
  }

  #report({ site, key }: SiteFrame, table: ITable): void {
    const { partition } = Stack.of(this);
    const machine = addStateMachine(new Construct(this, 'report'), {
      stateMachineName: workflowName(site, 'report'),
      description: `Says whether ${site.name} is active`,
      definition: renderActiveReport({ partition, site: site.name, prefix: site.prefix, table: table.tableName }),
      statements: [
        new PolicyStatement({ actions: ['dynamodb:GetItem'], resources: [table.tableArn] }),
        putMetrics(SITE_NAMESPACE),
      ],
      key,
      express: true,
    });
    const description = `Has ${site.name} say each minute whether it is active`;
    const role = starterRole(this, 'minute', { description, machineArn: machine.arn });
    new CfnRule(this, 'minutely', {
      name: workflowName(site, 'report'),
      description,
      scheduleExpression: 'rate(1 minute)',
      targets: [{ id: 'report', arn: machine.arn, roleArn: role.roleArn, input: '{}' }],
    });
  }
}
