import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { Construct } from 'constructs';
import type { GoogleSharedTasks } from '../contract/google-tasks';
import {
  imageBuildCommand,
  nodeComment,
  TerraformOutput,
  TerraformVariable,
  type ITerraformDependable,
} from '../terraform';
import type { TaskProject } from './task-project';

export interface TaskImageProps {
  readonly image: GoogleSharedTasks['image'];
  readonly project: TaskProject;
  readonly services: ITerraformDependable[];
}

/** Where the container's image lies, and the commands that build it: none is invented, and none is built by Terraform. */
export class TaskImageRepository extends Construct {
  constructor(scope: Construct, id: string, { image, project, services }: TaskImageProps) {
    super(scope, id);
    const repository = new ArtifactRegistryRepository(this, 'Resource', {
      repositoryId: image.repository,
      location: project.region,
      format: 'DOCKER',
      description: 'Image of the containers of backup tasks',
      dockerConfig: { immutableTags: true },
      dependsOn: services,
    });
    nodeComment(repository, [image.id]);
    const address = `${project.region}-docker.pkg.dev/${project.id}/${repository.repositoryId}/hypdr-runner`;
    output(this, 'image_repository', 'where the image of the tasks is pushed to', address);
    output(
      this,
      'image_build',
      'builds the image, in the folder of the package: its digest is the variable image of the stacks of tasks',
      imageBuildCommand(image, address),
    );
  }
}

/** The image that tasks run, by its digest: a tag may be another image tomorrow. */
export function imageVariable(scope: Construct): string {
  const variable = new TerraformVariable(scope, 'image', {
    type: 'string',
    nullable: false,
    description:
      'image of the tasks by its digest, such as europe-west1-docker.pkg.dev/PROJECT/REPOSITORY/hypdr-runner@sha256:...',
  });
  variable.overrideLogicalId('image');
  variable.addValidation({
    condition: '${can(regex("^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$", var.image))}',
    errorMessage: 'The image has to be named by its digest: NAME@sha256: and 64 hexadecimal digits.',
  });
  return variable.stringValue;
}

function output(scope: Construct, name: string, description: string, value: string): void {
  new TerraformOutput(scope, name, { description, value }).overrideLogicalId(name);
}
