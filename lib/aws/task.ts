import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { ContainerImage, FargateTaskDefinition, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import type { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { CfnAccessPoint } from 'aws-cdk-lib/aws-efs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';
import { answerFor } from './node-metadata';
import { renderPruner, renderVerifier, renderWriter } from './rights';
import { taskBuckets } from './task-bucket';
import { TaskRole } from './task-role';

export interface BackupTaskProps {
  readonly task: AwsTask;
  /** Task manifest, uploaded at deployment. */
  readonly manifest: Asset;
  readonly image: DockerImageAsset;
  /** What ECS acts as to start a container: it pulls the image and writes the log. */
  readonly executionRole: IRole;
  readonly logs: ILogGroup;
  /** Path of the task's roles. */
  readonly rolePath: string;
  /** Id of the file system that holds local copies. */
  readonly fileSystemId: string | undefined;
}

/** User and group of the image. */
const USER = '10001';

/** One task: its container, and an identity for each thing that the container does. */
export class BackupTask extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly roles: { readonly writer: IRole; readonly verifier: IRole; readonly pruner: IRole };

  constructor(scope: Construct, id: string, props: BackupTaskProps) {
    super(scope, id);
    const { task, rolePath: path } = props;
    const buckets = taskBuckets(this, task);
    const accessPoint = this.#accessPoint(props);
    const shared = [...manifestReading(props.manifest), ...(accessPoint ? [fileAccess(this, accessPoint, props)] : [])];
    const role = (name: string, statements: readonly PolicyStatement[]) =>
      new TaskRole(this, name, {
        path,
        description: `${name} of ${task.task}`,
        statements: [...shared, ...statements],
      }).role;
    const writer = role('writer', [...buckets.flatMap(renderWriter), ...secretReading(this, task)]);
    const verifier = role('verifier', buckets.flatMap(renderVerifier));
    const pruner = role('pruner', buckets.flatMap(renderPruner));
    this.roles = { writer, verifier, pruner };
    this.definition = this.#define(props, writer, accessPoint);
    answerFor(this.definition, [task.id, ...(task.local ? [task.local.id] : [])]);
  }

  #define(
    { task, image, executionRole, logs, fileSystemId }: BackupTaskProps,
    taskRole: IRole,
    accessPoint?: CfnAccessPoint,
  ) {
    const definition = new FargateTaskDefinition(this, 'definition', {
      family: task.family,
      cpu: task.cpu,
      memoryLimitMiB: task.memoryMiB,
      taskRole,
      executionRole,
    });
    const container = definition.addContainer('runner', {
      image: ContainerImage.fromDockerImageAsset(image),
      readonlyRootFilesystem: true,
      user: USER,
      logging: LogDrivers.awsLogs({ logGroup: logs, streamPrefix: task.task }),
    });
    definition.addVolume({ name: 'scratch' });
    container.addMountPoints(
      { sourceVolume: 'scratch', containerPath: '/var/lib/hypnoscript-dr', readOnly: false },
      { sourceVolume: 'scratch', containerPath: '/tmp', readOnly: false },
    );
    if (accessPoint && task.local && fileSystemId !== undefined) {
      definition.addVolume({
        name: 'local',
        efsVolumeConfiguration: {
          fileSystemId,
          transitEncryption: 'ENABLED',
          authorizationConfig: { accessPointId: accessPoint.attrAccessPointId, iam: 'ENABLED' },
        },
      });
      container.addMountPoints({ sourceVolume: 'local', containerPath: task.local.path, readOnly: false });
    }
    return definition;
  }

  /** A folder of the file system that is the task's own. */
  #accessPoint({ task, fileSystemId }: BackupTaskProps): CfnAccessPoint | undefined {
    if (!task.local || fileSystemId === undefined) return undefined;
    const point = new CfnAccessPoint(this, 'folder', {
      fileSystemId,
      posixUser: { uid: USER, gid: USER },
      rootDirectory: { path: `/${task.task}`, creationInfo: { ownerUid: USER, ownerGid: USER, permissions: '0750' } },
    });
    point.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return point;
  }
}

function manifestReading(manifest: Asset): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: [manifest.bucket.arnForObjects(manifest.s3ObjectKey)],
    }),
  ];
}

function fileAccess(scope: Construct, point: CfnAccessPoint, { fileSystemId = '' }: BackupTaskProps): PolicyStatement {
  const { partition, region, account } = Stack.of(scope);
  return new PolicyStatement({
    actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
    resources: [`arn:${partition}:elasticfilesystem:${region}:${account}:file-system/${fileSystemId}`],
    conditions: { StringEquals: { 'elasticfilesystem:AccessPointArn': point.attrArn } },
  });
}

/** A secret that the operator made: Secrets Manager adds six characters to its name. */
function secretReading(scope: Construct, { secret }: AwsTask): PolicyStatement[] {
  if (secret === undefined) return [];
  const { partition, region, account } = Stack.of(scope);
  return [
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [`arn:${partition}:secretsmanager:${region}:${account}:secret:${secret}-??????`],
    }),
  ];
}
