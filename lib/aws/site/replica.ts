import { CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnDBInstance, CfnDBSubnetGroup } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { SiteDatabase } from '../../contract/site';
import { answerFor } from '../node-metadata';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';

export type DatabaseReplica = Extract<SiteDatabase, { kind: 'replica' }>;

export interface SiteReplicaProps {
  readonly frame: SiteFrame;
  readonly database: DatabaseReplica;
  readonly network: SiteNetwork;
}

/** Region of a primary that is named by its ARN. */
function regionOf(source: string): string | undefined {
  return /^arn:[\w-]+:rds:([\w-]+):\d{12}:db:/.exec(source)?.[1];
}

/**
 * A replica that RDS keeps of a primary of its own. CloudFormation compares a template with the one before, never with
 * what is: as long as the source stays written here, no deployment promotes a replica or makes a promoted one follow
 * again. A source that changes would replace it, and a resource with a name of its own is not replaced: the deployment
 * refuses, until a new one is asked for by another name, and the old one stays. Left out is what a replica takes from its
 * source, and IOPS, which RDS wants from 12,000 on at such sizes.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
 */
export class SiteReplica extends Construct {
  readonly instance: CfnDBInstance;
  /** Name by which RDS knows it. */
  readonly identifier: string;

  constructor(scope: Construct, id: string, { frame, database, network }: SiteReplicaProps) {
    super(scope, id);
    const { site, key } = frame;
    const subnets = new CfnDBSubnetGroup(this, 'subnets', {
      dbSubnetGroupDescription: `Database of the recovery site ${site.name}`,
      subnetIds: network.database.map(({ subnetId }) => subnetId),
    });
    const name = new CfnParameter(Stack.of(this), 'ReplicaName', {
      type: 'String',
      default: `${site.prefix}-db`,
      allowedPattern: '^[a-z]([a-z0-9]|-(?!-)){0,61}[a-z0-9]$',
      description: 'Name of the replica. Another one makes a new replica and leaves the old database as it is',
    });
    this.identifier = name.valueAsString;
    const region = regionOf(database.source);
    const abroad = region !== undefined && region !== site.region;
    this.instance = new CfnDBInstance(this, 'Resource', {
      dbInstanceIdentifier: this.identifier,
      dbInstanceClass: database.databaseClass,
      sourceDbInstanceIdentifier: database.source,
      ...(abroad && { sourceRegion: region, kmsKeyId: key.keyArn }),
      multiAz: database.multiZone,
      dbSubnetGroupName: subnets.ref,
      vpcSecurityGroups: [network.groups.database.securityGroupId],
      publiclyAccessible: false,
      deletionProtection: true,
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: true,
    });
    this.instance.applyRemovalPolicy(RemovalPolicy.RETAIN);
    answerFor(this.instance, [database.id]);
  }
}
