import { Stack } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AwsSharedTasks } from '../contract/aws-tasks';
import { physicalName } from './bucket-name';
import { addSumAlarm, MOST_METRICS } from './sum-alarm';
import type { Counted } from './sum-alarm';

export type ReplicationWatch = AwsSharedTasks['replications'][number];

export interface ReplicationAlarmProps {
  readonly replication: ReplicationWatch;
  readonly topic: ITopic;
}

/**
 * Tells that objects of a bucket could not be replicated: S3 does not try them again, and the copy has a hole until Batch
 * Replication fills it. S3 counts that by rule, where the metrics of the rule are on, whether it is timed or not.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
 */
export class ReplicationAlarm extends Construct {
  constructor(scope: Construct, id: string, { replication, topic }: ReplicationAlarmProps) {
    super(scope, id);
    const { source, rules } = replication;
    const parts = Array.from({ length: Math.ceil(rules.length / MOST_METRICS) }, (_, part) =>
      rules.slice(part * MOST_METRICS, (part + 1) * MOST_METRICS),
    );
    for (const [part, some] of parts.entries()) {
      addSumAlarm(this, part === 0 ? 'Resource' : `part${part + 1}`, {
        description: `Objects of ${source.name} could not be replicated, and are not tried again: the output Command of its stack fills the holes`,
        label: 'operations that failed',
        counted: Object.fromEntries(some.map((rule, index) => [`r${index}`, this.#failures(source, rule)])),
        topic,
      });
    }
  }

  #failures(source: ReplicationWatch['source'], { name, destination }: ReplicationWatch['rules'][number]): Counted {
    const { account } = Stack.of(this);
    const physical = (bucket: ReplicationWatch['source']) => physicalName({ account, ...bucket });
    return {
      namespace: 'AWS/S3',
      metricName: 'OperationsFailedReplication',
      dimensions: { SourceBucket: physical(source), DestinationBucket: physical(destination), RuleId: name },
    };
  }
}
