import { RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { CfnMountTarget, FileSystem, LifecyclePolicy } from 'aws-cdk-lib/aws-efs';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
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
      fileSystemPolicy: identitiesOnly(),
      // Without this the library adds a statement that lets everybody write who may mount.
      allowAnonymousAccess: true,
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

/**
 * Nobody is let in here, so that each identity has what its own policy says and no more; a file system without any policy
 * lets in everybody. Whoever is let in encrypts what it sends.
 * @see https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
 */
function identitiesOnly(): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'DenyPlainText',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['ClientMount', 'ClientWrite', 'ClientRootAccess'].map((action) => `elasticfilesystem:${action}`),
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ],
  });
}
