import { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import type { Construct } from 'constructs';
import type { GoogleStack } from '../contract/google-storage';
import type { ITerraformDependable } from '../terraform';

/** The google provider for a stack; without a project it takes the one of the credentials. */
export function addProvider(scope: Construct, stack: Pick<GoogleStack, 'project' | 'region'>): GoogleProvider {
  return new GoogleProvider(scope, 'google', { project: stack.project, region: stack.region });
}

/**
 * Cloud Storage's own identity in the project. Asking for it also makes it, where Cloud Storage was never used.
 * @see https://cloud.google.com/storage/docs/projects#service-agents
 */
export function findStorageAgent(
  scope: Construct,
  services: ITerraformDependable[],
): DataGoogleStorageProjectServiceAccount {
  return new DataGoogleStorageProjectServiceAccount(scope, 'storage_agent', { dependsOn: services });
}
