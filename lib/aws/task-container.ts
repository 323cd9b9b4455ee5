import { ContainerImage, FargateTaskDefinition, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import type { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';
import type { TaskFolder } from './task-folder';

export interface TaskContainerProps {
  readonly task: AwsTask;
  readonly image: DockerImageAsset;
  /** What ECS acts as to start a container: it pulls the image and writes the log. */
  readonly executionRole: IRole;
  /** What the container acts as where a run names no other identity. */
  readonly taskRole: IRole;
  readonly logs: ILogGroup;
  /** Variables, none of them a secret. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default - no folder of a shared file system */
  readonly folder?: TaskFolder | undefined;
}

/** User and group of the image. */
export const CONTAINER_USER = '10001';

/** The container in which a task's runner starts, with a scratch folder of its own and nothing else that it may write. */
export function defineContainer(scope: Construct, props: TaskContainerProps): FargateTaskDefinition {
  const { task, image, executionRole, taskRole, logs, folder } = props;
  const definition = new FargateTaskDefinition(scope, 'definition', {
    family: task.family,
    cpu: task.cpu,
    memoryLimitMiB: task.memoryMiB,
    taskRole,
    executionRole,
  });
  const container = definition.addContainer('runner', {
    image: ContainerImage.fromDockerImageAsset(image),
    readonlyRootFilesystem: true,
    user: CONTAINER_USER,
    ...(props.environment && { environment: { ...props.environment } }),
    logging: LogDrivers.awsLogs({ logGroup: logs, streamPrefix: task.task }),
  });
  definition.addVolume({ name: 'scratch' });
  container.addMountPoints(
    { sourceVolume: 'scratch', containerPath: '/var/lib/hypnoscript-dr', readOnly: false },
    { sourceVolume: 'scratch', containerPath: '/tmp', readOnly: false },
  );
  if (folder) {
    definition.addVolume({
      name: 'local',
      efsVolumeConfiguration: {
        fileSystemId: folder.fileSystemId,
        transitEncryption: 'ENABLED',
        authorizationConfig: { accessPointId: folder.point.attrAccessPointId, iam: 'ENABLED' },
      },
    });
    container.addMountPoints({ sourceVolume: 'local', containerPath: folder.path, readOnly: false });
  }
  return definition;
}
