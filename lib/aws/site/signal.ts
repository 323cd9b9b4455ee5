import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnHealthCheck } from 'aws-cdk-lib/aws-route53';
import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Site } from '../../contract/site';
import { answerFor } from '../node-metadata';
import { healthCheckOf } from './dns';
import { signalAlarm } from './names';

/** Health checks report there, whatever they watch. */
export const SIGNAL_REGION = 'us-east-1';

export interface PrimarySignalProps {
  readonly site: Site;
}

/**
 * Whether the primary can be reached, asked from several regions of the world: it counts as gone once none of its
 * addresses answers. The alarm is heard in the region of the site, by its bus.
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html
 */
export class PrimarySignal extends Construct {
  constructor(scope: Construct, id: string, { site }: PrimarySignalProps) {
    super(scope, id);
    const { partition, account } = Stack.of(this);
    const each = site.activation.healthUrls.map(
      (url, index) =>
        new CfnHealthCheck(this, `url-${index + 1}`, {
          healthCheckConfig: { ...healthCheckOf(url), requestInterval: 30, failureThreshold: 3 },
          healthCheckTags: [{ key: 'Name', value: `${site.prefix}-url-${index + 1}` }],
        }),
    );
    const [only] = each;
    const reached =
      each.length === 1 && only
        ? only
        : new CfnHealthCheck(this, 'any', {
            healthCheckConfig: {
              type: 'CALCULATED',
              healthThreshold: 1,
              childHealthChecks: each.map(({ attrHealthCheckId }) => attrHealthCheckId),
            },
            healthCheckTags: [{ key: 'Name', value: `${site.prefix}-any` }],
          });
    const alarmName = signalAlarm(site);
    const alarm = new CfnAlarm(this, 'Resource', {
      alarmName,
      alarmDescription: `The primary of ${site.name} is not reached from anywhere`,
      namespace: 'AWS/Route53',
      metricName: 'HealthCheckStatus',
      dimensions: [{ name: 'HealthCheckId', value: reached.attrHealthCheckId }],
      statistic: 'Minimum',
      period: 60,
      evaluationPeriods: 3,
      threshold: 1,
      comparisonOperator: 'LessThanThreshold',
      // Nobody who asks says nothing of the primary.
      treatMissingData: 'ignore',
    });
    answerFor(alarm, [site.activation.id]);
    // Where health checks report is where it is heard: an event that is sent to its own bus would be sent for ever.
    if (site.region === SIGNAL_REGION) return;
    const bus = `arn:${partition}:events:${site.region}:${account}:event-bus/default`;
    const role = new Role(this, 'role', {
      description: `Tells ${site.region} what the alarm of ${site.name} says`,
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      inlinePolicies: {
        tell: new PolicyDocument({
          statements: [new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus] })],
        }),
      },
    });
    new CfnRule(this, 'tells', {
      name: `${site.prefix}-tells`,
      description: `Takes the alarm of ${site.name} to its region`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        detail: { alarmName: [alarmName] },
      },
      targets: [{ id: 'region', arn: bus, roleArn: role.roleArn }],
    });
  }
}
