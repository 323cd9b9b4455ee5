import { Stack } from 'aws-cdk-lib';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AwsBucket, AwsReplicationRule } from '../contract/aws-storage';
import { bucketArn } from './bucket-name';
import type { KeyReference } from './key-reference';
import { encryptionArn } from './key-reference';
import { answerFor } from './node-metadata';
import { ReplicationRole } from './replication-role';
import type { BackupBucket } from './store';

export type ReplicationPlan = NonNullable<AwsBucket['replication']>;

export interface ReplicationProps {
  readonly source: BackupBucket;
  readonly replication: ReplicationPlan;
  /** The stack's own buckets, by name: a destination among them is made first and its key is known. */
  readonly neighbours: ReadonlyMap<string, BackupBucket>;
}

/** A rule with the names that it stands on. */
export interface Destination {
  readonly rule: AwsReplicationRule;
  readonly bucketArn: string;
  readonly key: KeyReference;
}

/**
 * Replication of one bucket: the role, and the rules on the bucket. It is written on the resource: the library would
 * need the destination as a construct, would not accept an alias for a key of another region, and knows no metrics
 * without time control.
 */
export class Replication extends Construct {
  constructor(scope: Construct, id: string, { source, replication, neighbours }: ReplicationProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const neighbourOf = (rule: AwsReplicationRule) =>
      rule.region === stack.region && rule.account === undefined ? neighbours.get(rule.bucket) : undefined;
    const destinations = replication.rules.map((rule) => resolve(stack, rule, neighbourOf(rule)));
    const role = new ReplicationRole(this, 'Role', {
      roleName: replication.roleName,
      source: { bucketArn: source.arn, region: stack.region, key: source.key.reference },
      destinations: destinations.map(({ rule, bucketArn, key }) => ({
        bucketArn,
        key,
        region: rule.region,
        otherAccount: rule.account !== undefined,
      })),
    });
    source.resource.replicationConfiguration = {
      role: role.role.roleArn,
      rules: destinations.map(renderReplicationRule),
    };
    // S3 refuses a rule whose destination does not exist yet
    for (const rule of replication.rules) {
      const neighbour = neighbourOf(rule);
      if (neighbour) source.resource.node.addDependency(neighbour.resource);
    }
    answerFor(role.role, [source.plan.id, ...replication.rules.map((rule) => rule.id)]);
  }
}

function resolve(stack: Stack, rule: AwsReplicationRule, neighbour: BackupBucket | undefined): Destination {
  const { partition } = stack;
  const place = { partition, region: rule.region, account: rule.account ?? stack.account };
  return {
    rule,
    bucketArn: bucketArn(partition, { name: rule.bucket, naming: rule.naming, ...place }),
    key: neighbour?.key.reference ?? { kind: 'alias', alias: rule.keyAlias, place },
  };
}

const FIFTEEN_MINUTES = { minutes: 15 };

/**
 * Objects under KMS are left out unless a rule selects them. Delete markers stay behind, so that no deletion travels to
 * the copy. Metrics are on with and without time control: without its threshold there is no event for a late object.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
 */
export function renderReplicationRule({ rule, bucketArn, key }: Destination): CfnBucket.ReplicationRuleProperty {
  const { account } = rule;
  return {
    id: rule.name,
    priority: rule.priority,
    status: 'Enabled',
    filter: { prefix: rule.prefix },
    deleteMarkerReplication: { status: 'Disabled' },
    sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
    destination: {
      bucket: bucketArn,
      ...(account !== undefined && { account, accessControlTranslation: { owner: 'Destination' } }),
      encryptionConfiguration: { replicaKmsKeyId: encryptionArn(key) },
      ...(rule.timeControl
        ? {
            replicationTime: { status: 'Enabled', time: FIFTEEN_MINUTES },
            metrics: { status: 'Enabled', eventThreshold: FIFTEEN_MINUTES },
          }
        : { metrics: { status: 'Enabled' } }),
    },
  };
}
