import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import type { Construct } from 'constructs';
import type { AzureStack } from '../contract/azure-storage';
import { nodeComment } from '../terraform';

/** The resource group of a stack. What would delete that of backup storage would delete every backup in it. */
export function addResourceGroup(
  scope: Construct,
  stack: Pick<AzureStack, 'id' | 'resourceGroup' | 'location'>,
): ResourceGroup {
  const group = new ResourceGroup(scope, 'group', {
    name: stack.resourceGroup,
    location: stack.location,
    lifecycle: { preventDestroy: true },
  });
  nodeComment(group, [stack.id]);
  return group;
}
