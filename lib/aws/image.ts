import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import type { AwsTaskShard } from '../contract/aws-tasks';
import { buildArgumentsOf } from '../contract/task-image';

export interface TaskImageProps {
  readonly image: AwsTaskShard['image'];
  /** Folder with the Dockerfile and the runner, and nothing else. */
  readonly folder: string;
}

/**
 * The container's image: fingerprinted here, built when it is deployed. Without a base image its build refuses, with the
 * words of the engine; none is invented.
 */
export class TaskImage extends Construct {
  readonly asset: DockerImageAsset;

  constructor(scope: Construct, id: string, { image, folder }: TaskImageProps) {
    super(scope, id);
    const buildArgs = buildArgumentsOf(image);
    this.asset = new DockerImageAsset(this, 'Resource', {
      directory: folder,
      platform: Platform.LINUX_AMD64,
      ...(Object.keys(buildArgs).length > 0 && { buildArgs }),
    });
  }
}
