import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { ReplicationWatch } from '../../lib/aws/replication-alarm';
import { ReplicationAlarm } from '../../lib/aws/replication-alarm';
import { ACCOUNT, VAULT } from './fixture';
import { emptyStack } from './support';

interface Part {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Stat: string;
    readonly Metric: {
      readonly MetricName: string;
      readonly Namespace: string;
      readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    };
  };
}

function alarmsOf(replication: ReplicationWatch) {
  const stack = emptyStack({ account: ACCOUNT, region: 'eu-west-1' });
  new ReplicationAlarm(stack, 'replication', { replication, topic: new Topic(stack, 'told') });
  const alarms = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm');
  return Object.values(alarms).map(({ Properties }) => {
    const { Metrics: parts = [], ...properties } = Properties as { readonly Metrics?: readonly Part[] };
    return { properties, parts };
  });
}

const source = { name: 'acme-all', naming: 'literal', region: 'eu-west-1' } as const;
const rule = (index: number) => ({
  name: `archive-${index}`,
  destination: { name: 'acme-cold', naming: 'literal', region: 'us-west-2' } as const,
});

test('what could not be replicated is told, by the names that S3 counts it under', () => {
  const regional = { ...source, naming: 'account_regional' } as const;
  const destination = { ...regional, name: 'acme-dr', region: 'eu-central-1', account: VAULT };
  const [alarm, ...more] = alarmsOf({ source: regional, rules: [{ name: 'replica-acme-dr', destination }] });
  expect(more).toEqual([]);
  expect(alarm?.properties).toMatchObject({
    ...{ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 3, DatapointsToAlarm: 1 },
    TreatMissingData: 'notBreaching',
    AlarmActions: [expect.objectContaining({ Ref: expect.stringContaining('told') as string })],
  });
  // One number needs no sum.
  expect(alarm?.parts).toEqual([]);
  expect(alarm?.properties).toMatchObject({
    Namespace: 'AWS/S3',
    MetricName: 'OperationsFailedReplication',
    Dimensions: [
      { Name: 'DestinationBucket', Value: `acme-dr-${VAULT}-eu-central-1-an` },
      { Name: 'RuleId', Value: 'replica-acme-dr' },
      { Name: 'SourceBucket', Value: `acme-all-${ACCOUNT}-eu-west-1-an` },
    ],
    Period: 300,
    Statistic: 'Sum',
  });
});

test('an alarm takes ten rules, and every rule is in one', () => {
  const alarms = alarmsOf({ source, rules: Array.from({ length: 21 }, (_, index) => rule(index)) });
  const counted = alarms.map(({ properties, parts }) => {
    const summed = parts.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
    return summed.length > 0 ? summed : [properties as (typeof summed)[number]];
  });
  expect(counted.map(({ length }) => length).sort()).toEqual([1, 10, 10]);
  const rules = counted.flat().map(({ Dimensions: all = [] }) => all.find(({ Name }) => Name === 'RuleId')?.Value);
  expect(new Set(rules).size).toBe(21);
  for (const { parts } of alarms) {
    if (parts.length === 0) continue;
    const [sum] = parts.filter(({ Expression }) => Expression !== undefined);
    const ids = parts.filter(({ MetricStat }) => MetricStat).map(({ Id }) => Id);
    expect(sum?.Expression).toBe(ids.join(' + '));
  }
});
