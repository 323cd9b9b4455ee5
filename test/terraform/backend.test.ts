import type { TerraformBackend } from '../../lib/contract/terraform';
import { frameStack, TerraformStack } from '../../lib/terraform';
import { synthStack } from './synth-stack';

function terraformBlock(backend: TerraformBackend) {
  return synthStack('acme', (app) =>
    frameStack(new TerraformStack(app, 'acme'), { id: 'stack/acme', name: 'acme', backend }),
  ).template.terraform;
}

test('local state is a file named for the stack, relative to where terraform runs', () => {
  expect(terraformBlock({ type: 'local' })).toEqual({
    backend: { local: { path: 'terraform.acme.tfstate' } },
    required_version: '>= 1.10.0',
  });
});

test('state in S3 is encrypted and locked by an object beside it', () => {
  expect(
    terraformBlock({ type: 's3', bucket: 'acme-state', key: 'backup.tfstate', region: 'eu-west-1' }),
  ).toMatchObject({
    backend: {
      s3: { bucket: 'acme-state', key: 'backup.tfstate', region: 'eu-west-1', encrypt: true, use_lockfile: true },
    },
  });
});

test('state in Azure is reached with Entra ID', () => {
  const backend = {
    type: 'azurerm',
    resourceGroup: 'rg',
    storageAccount: 'acme',
    container: 'state',
    key: 'k',
  } as const;
  expect(terraformBlock(backend)).toMatchObject({
    backend: {
      azurerm: {
        resource_group_name: 'rg',
        storage_account_name: 'acme',
        container_name: 'state',
        key: 'k',
        use_azuread_auth: true,
      },
    },
  });
});

test('state in Cloud Storage lies under the prefix', () => {
  expect(terraformBlock({ type: 'gcs', bucket: 'acme-state', prefix: 'backup' })).toMatchObject({
    backend: { gcs: { bucket: 'acme-state', prefix: 'backup' } },
  });
});

test('a key that looks like a template is taken as it stands', () => {
  expect(terraformBlock({ type: 'gcs', bucket: 'acme-state', prefix: '${env}' })).toMatchObject({
    backend: { gcs: { prefix: '$${env}' } },
  });
});
