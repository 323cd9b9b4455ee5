import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import type { Construct } from 'constructs';
import { escapeTemplate } from '../terraform';
import { renderCondition } from './condition';
import type { BlobRights } from './rights';

export interface ContainerGrant {
  readonly containerId: string;
  /** Resource id of the role whose actions the rights name. */
  readonly roleDefinitionId: string;
  /** Who gets it: an identity of Azure's, which need not be known everywhere yet. */
  readonly principalId: string;
  readonly rights: BlobRights;
}

/**
 * A role in a container, under the condition that its rights make.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac
 */
export function grantBlobs(
  scope: Construct,
  id: string,
  { containerId, roleDefinitionId, principalId, rights }: ContainerGrant,
): RoleAssignment {
  return new RoleAssignment(scope, id, {
    scope: containerId,
    roleDefinitionId,
    principalId,
    principalType: 'ServicePrincipal',
    skipServicePrincipalAadCheck: true,
    condition: escapeTemplate(renderCondition(rights)),
    conditionVersion: '2.0',
  });
}
