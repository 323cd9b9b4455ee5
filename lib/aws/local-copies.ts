import { RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { CfnMountTarget, FileSystem, LifecyclePolicy } from 'aws-cdk-lib/aws-efs';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

export interface LocalCopiesProps {
  readonly vpc: IVpc;
  readonly subnetIds: readonly string[];
  readonly containers: ISecurityGroup;
  readonly key: IKey;
}

/** The local path of tasks in containers: a file system that outlives them, with a folder for each. */
export class LocalCopies extends Construct {
  readonly fileSystem: FileSystem;

  constructor(scope: Construct, id: string, { vpc, subnetIds, containers, key }: LocalCopiesProps) {
    super(scope, id);
    const reachable = new SecurityGroup(this, 'mounts', {
      vpc,
      description: 'File system of local copies: containers of backup tasks reach it',
      allowAllOutbound: false,
    });
    reachable.addIngressRule(containers, Port.tcp(2049), 'NFS from containers');
    containers.connections.allowTo(reachable, Port.tcp(2049), 'NFS to the file system');
    this.fileSystem = new FileSystem(this, 'Resource', {
      vpc,
      vpcSubnets: { subnets: [] },
      securityGroup: reachable,
      encrypted: true,
      kmsKey: key,
      enableAutomaticBackups: false,
      lifecyclePolicy: LifecyclePolicy.AFTER_30_DAYS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    subnetIds.forEach((subnetId, index) => {
      new CfnMountTarget(this, `mount${index + 1}`, {
        fileSystemId: this.fileSystem.fileSystemId,
        subnetId,
        securityGroups: [reachable.securityGroupId],
      });
    });
  }
}
