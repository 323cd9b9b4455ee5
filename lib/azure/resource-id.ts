import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { Construct } from 'constructs';
import { TerraformStack } from '../terraform';

/** Whoever runs Terraform: its subscription is that of every id here. */
class Client extends Construct {
  readonly config: DataAzurermClientConfig;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.config = new DataAzurermClientConfig(this, 'Resource', {});
  }
}

function clientOf(scope: Construct): DataAzurermClientConfig {
  const stack = TerraformStack.of(scope);
  const known = stack.node.tryFindChild('client');
  return (known instanceof Client ? known : new Client(stack, 'client')).config;
}

/** Object id of whoever runs Terraform. */
export function deployerId(scope: Construct): string {
  return clientOf(scope).objectId;
}

/** Tenant of whoever runs Terraform. */
export function tenantId(scope: Construct): string {
  return clientOf(scope).tenantId;
}

export function subscriptionScope(scope: Construct): string {
  return `/subscriptions/${clientOf(scope).subscriptionId}`;
}

/**
 * Id of a resource of another stack, which follows from its names: no stack reads another one's state, and none can be
 * applied with an id that changes behind it.
 * @param resource - such as `Microsoft.App/managedEnvironments/NAME`
 */
export function resourceId(scope: Construct, resourceGroup: string, resource: string): string {
  return `${subscriptionScope(scope)}/resourceGroups/${resourceGroup}/providers/${resource}`;
}

export interface ContainerName {
  readonly account: string;
  readonly resourceGroup: string;
  readonly container: string;
}

/** Id of a container of blobs, as the scope of roles. */
export function containerId(scope: Construct, { account, resourceGroup, container }: ContainerName): string {
  const blobs = `Microsoft.Storage/storageAccounts/${account}/blobServices/default/containers/${container}`;
  return resourceId(scope, resourceGroup, blobs);
}
