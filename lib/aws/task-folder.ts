import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnAccessPoint } from 'aws-cdk-lib/aws-efs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';
import { CONTAINER_USER } from './task-container';

/** A folder of the file system, and where the container sees it. */
export interface TaskFolder {
  readonly point: CfnAccessPoint;
  readonly fileSystemId: string;
  readonly path: string;
}

/** A folder of the file system that is the task's own; `undefined` for a task without one. */
export function taskFolder(
  scope: Construct,
  { task, local }: Pick<AwsTask, 'task' | 'local'>,
  fileSystemId: string | undefined,
): TaskFolder | undefined {
  if (!local || fileSystemId === undefined) return undefined;
  const point = new CfnAccessPoint(scope, 'folder', {
    fileSystemId,
    posixUser: { uid: CONTAINER_USER, gid: CONTAINER_USER },
    rootDirectory: {
      path: `/${task}`,
      creationInfo: { ownerUid: CONTAINER_USER, ownerGid: CONTAINER_USER, permissions: '0750' },
    },
  });
  point.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return { point, fileSystemId, path: local.path };
}

/** Lets folders be mounted and written; none without any. */
export function folderAccess(scope: Construct, folders: readonly TaskFolder[]): PolicyStatement[] {
  return foldersFor(scope, folders, ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']);
}

/**
 * Lets folders be mounted, which the start of their containers takes, and read; none without any.
 * @see https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
 */
export function folderMounting(scope: Construct, folders: readonly TaskFolder[]): PolicyStatement[] {
  return foldersFor(scope, folders, ['elasticfilesystem:ClientMount']);
}

function foldersFor(scope: Construct, folders: readonly TaskFolder[], actions: string[]): PolicyStatement[] {
  const [first] = folders;
  if (!first) return [];
  const { partition, region, account } = Stack.of(scope);
  const points = folders.map(({ point }) => point.attrArn);
  return [
    new PolicyStatement({
      actions,
      resources: [`arn:${partition}:elasticfilesystem:${region}:${account}:file-system/${first.fileSystemId}`],
      conditions: { StringEquals: { 'elasticfilesystem:AccessPointArn': points.length === 1 ? points[0] : points } },
    }),
  ];
}
