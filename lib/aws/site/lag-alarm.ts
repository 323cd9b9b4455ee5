import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { answerFor } from '../node-metadata';
import type { SiteFrame } from './frame';
import { SITE_NAMESPACE, behindAlarm, siteDimension } from './names';

/** A number that says how many seconds a database is behind. */
export interface LagMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
}

/**
 * What a database machine publishes, counted from 0. It measures by the primary's heartbeat, so that an idle primary does
 * not look behind. Each machine has a number of its own: one that is silent hides behind no other.
 */
export function machineLag({ site }: SiteFrame, index: number): LagMetric {
  return {
    namespace: SITE_NAMESPACE,
    metricName: lagName(index),
    dimensions: [siteDimension(site)],
  };
}

export function lagName(index: number): string {
  return index === 0 ? 'LagSeconds' : `LagSeconds${index + 1}`;
}

/**
 * What RDS says. For an idle PostgreSQL that is up to five minutes: a source that writes nothing needs a heartbeat.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.Monitor.html
 */
export function replicaLag(identifier: string): LagMetric {
  return {
    namespace: 'AWS/RDS',
    metricName: 'ReplicaLag',
    dimensions: [{ name: 'DBInstanceIdentifier', value: identifier }],
  };
}

export interface SiteLagAlarmProps {
  readonly frame: SiteFrame;
  readonly lagSeconds: number;
  readonly metric: LagMetric;
}

/** Tells when a database is further behind than the spec allows for three minutes of five, or says nothing. */
export function addLagAlarm(scope: Construct, id: string, props: SiteLagAlarmProps): void {
  const { site, topic } = props.frame;
  const actions = [topic.topicArn];
  addAlarm(scope, id, props, {
    alarmName: `${site.prefix}-${id}`,
    alarmDescription: `${site.name} is more than ${props.lagSeconds} s behind its primary, or nobody says how far`,
    treatMissingData: 'breaching',
    alarmActions: actions,
    okActions: actions,
  });
}

/**
 * A sign that the primary is gone: a database that works says that nothing comes any more. One that is broken, is being
 * made or is off says nothing, which is no sign of anything but itself. It tells nobody: the one beside it does.
 */
export function addBehindAlarm(scope: Construct, id: string, props: SiteLagAlarmProps): void {
  const { site } = props.frame;
  addAlarm(scope, id, props, {
    alarmName: behindAlarm(site),
    alarmDescription: `The database of ${site.name} says that it is more than ${props.lagSeconds} s behind its primary`,
    treatMissingData: 'notBreaching',
  });
}

type Said = Pick<CfnAlarmProps, 'alarmName' | 'alarmDescription' | 'treatMissingData' | 'alarmActions' | 'okActions'>;

function addAlarm(scope: Construct, id: string, { frame, lagSeconds, metric }: SiteLagAlarmProps, said: Said): void {
  const { namespace, metricName, dimensions } = metric;
  const alarm = new CfnAlarm(scope, id, {
    ...said,
    ...{ namespace, metricName, dimensions: [...dimensions] },
    statistic: 'Maximum',
    period: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    threshold: lagSeconds,
    comparisonOperator: 'GreaterThanThreshold',
  });
  answerFor(alarm, [frame.site.synchronization.id]);
}
