import { AzurermBackend, GcsBackend, LocalBackend, S3Backend, type TerraformStack } from 'cdktf';
import type { TerraformBackend } from '../contract/terraform';
import { escapeTemplate } from './template';

/**
 * Says where the stack keeps its state. Always called: without a backend CDKTF writes the absolute path of the folder
 * that it ran in. No backend takes a key or token from here; each uses the credentials of whoever runs Terraform.
 */
export function configureBackend(stack: TerraformStack, backend: TerraformBackend, name: string): void {
  switch (backend.type) {
    case 'local':
      // Relative to the folder that Terraform runs in, which is the stack's own.
      new LocalBackend(stack, { path: `terraform.${name}.tfstate` });
      return;
    case 's3': {
      const { bucket, key, region } = backend;
      const s3 = new S3Backend(stack, { bucket, key: escapeTemplate(key), region, encrypt: true });
      // A lock object beside the state; CDKTF has no property for it.
      // https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
      s3.addOverride('use_lockfile', true);
      return;
    }
    case 'azurerm':
      new AzurermBackend(stack, {
        resourceGroupName: backend.resourceGroup,
        storageAccountName: backend.storageAccount,
        containerName: backend.container,
        key: escapeTemplate(backend.key),
        useAzureadAuth: true,
      });
      return;
    case 'gcs':
      new GcsBackend(stack, { bucket: backend.bucket, prefix: escapeTemplate(backend.prefix) });
      return;
    default:
      assertNever(backend);
  }
}

function assertNever(backend: never): never {
  throw new Error(`no such backend: ${JSON.stringify(backend)}`);
}
