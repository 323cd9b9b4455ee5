import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { KeyReference } from './key-reference';
import { renderKeyUse } from './key-reference';

/** ARN of a replication role by its name, for policies of another account that is deployed before it. */
export function roleArn(partition: string, account: string, roleName: string): string {
  return `arn:${partition}:iam::${account}:role/${roleName}`;
}

/** A bucket and the key of its objects. */
export interface ReplicationEnd {
  readonly bucketArn: string;
  readonly region: string;
  readonly key: KeyReference;
}

export interface ReplicationRoleProps {
  readonly roleName: string;
  readonly source: ReplicationEnd;
  readonly destinations: readonly (ReplicationEnd & { readonly otherAccount: boolean })[];
}

/**
 * What S3 acts as when it replicates a bucket: one role for all of its rules. Its rights are inline, so that they exist
 * before the bucket names the role. `s3:ReplicateDelete` is left out: no rule replicates delete markers, and so nobody
 * who changes a rule can make deletions travel.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
 */
export class ReplicationRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { roleName, source, destinations }: ReplicationRoleProps) {
    super(scope, id);
    this.role = new Role(this, 'Resource', {
      roleName,
      description: 'S3 replicates backups as this role',
      assumedBy: new ServicePrincipal('s3.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          ArnEquals: { 'aws:SourceArn': source.bucketArn },
        },
      }),
      inlinePolicies: {
        replication: new PolicyDocument({ statements: [...renderReading(source), ...renderWriting(destinations)] }),
      },
    });
  }
}

/** Locked objects take their lock along, which the role has to be able to read. */
function renderReading({ bucketArn, region, key }: ReplicationEnd): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'], resources: [bucketArn] }),
    new PolicyStatement({
      actions: [
        's3:GetObjectVersionForReplication',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionTagging',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      resources: [`${bucketArn}/*`],
    }),
    renderKeyUse(key, { actions: ['kms:Decrypt'], region, bucketArn }),
  ];
}

function renderWriting(destinations: ReplicationRoleProps['destinations']): PolicyStatement[] {
  const writing = (actions: string[], ends: readonly ReplicationEnd[]) =>
    new PolicyStatement({ actions, resources: [...new Set(ends.map((end) => `${end.bucketArn}/*`))] });
  const foreign = destinations.filter((end) => end.otherAccount);
  return [
    writing(['s3:ReplicateObject', 's3:ReplicateTags'], destinations),
    ...(foreign.length > 0 ? [writing(['s3:ObjectOwnerOverrideToBucketOwner'], foreign)] : []),
    ...destinations.map(({ key, region, bucketArn }) =>
      renderKeyUse(key, { actions: ['kms:Encrypt', 'kms:GenerateDataKey'], region, bucketArn }),
    ),
  ];
}
