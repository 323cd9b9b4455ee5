import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import type { AzureSharedTasks } from '../contract/azure-tasks';
import { imageBuildCommand, nodeComment } from '../terraform';
import { input } from './input';

export interface ImagePullerProps {
  readonly name: string;
  readonly image: AzureSharedTasks['image'];
  readonly group: ResourceGroup;
}

/** The identity by which Container Apps pulls the image of tasks, and nothing else; and the command that builds that. */
export class ImagePuller extends Construct {
  /** Builds the image for the registry, whose domain is another one in the clouds of states. */
  readonly build: string;

  constructor(scope: Construct, id: string, { name, image, group }: ImagePullerProps) {
    super(scope, id);
    const registry = input(this, 'container_registry_id', {
      type: 'string',
      description: 'Id of the Azure container registry that holds the image of tasks.',
      checks: [
        {
          condition:
            '${can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.ContainerRegistry/registries/[A-Za-z0-9]{5,50}$", var.container_registry_id))}',
          errorMessage: 'it is an id: az acr show --name NAME --query id --output tsv',
        },
      ],
    });
    const identity = new UserAssignedIdentity(this, 'Resource', {
      name,
      resourceGroupName: group.name,
      location: group.location,
    });
    nodeComment(identity, [image.id]);
    this.build = imageBuildCommand(image, '${basename(var.container_registry_id)}.azurecr.io/hypdr-runner');
    new RoleAssignment(this, 'pull', {
      scope: registry.stringValue,
      roleDefinitionName: 'AcrPull',
      principalId: identity.principalId,
      principalType: 'ServicePrincipal',
      skipServicePrincipalAadCheck: true,
    });
  }
}

/** The image of tasks, and its registry, where `imageInput` asks for them. */
export const IMAGE = '${var.container_image}';
export const REGISTRY = '${split("/", var.container_image)[0]}';

/** The image of tasks, by its digest: what a tag names changes behind whoever chose it. */
export function imageInput(scope: Construct): void {
  input(scope, 'container_image', {
    type: 'string',
    description: "Image of the task container in the registry, by digest: built from the package's dist/image.",
    checks: [
      {
        condition:
          '${can(regex("^[a-z0-9]+[.]azurecr[.](io|cn|us)/[^@ ]+@sha256:[0-9a-f]{64}$", var.container_image))}',
        errorMessage: 'it is an image of a registry with its digest: NAME.azurecr.io/hypdr-runner@sha256:...',
      },
    ],
  });
}
