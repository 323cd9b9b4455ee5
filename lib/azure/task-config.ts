import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { createHash } from 'node:crypto';
import { Construct } from 'constructs';
import type { AzureTaskConfig } from '../contract/azure-tasks';
import type { TaskManifest } from '../contract/task';
import { AssetType, escapeTemplate, TerraformAsset } from '../terraform';
import { containerId, deployerId, resourceId } from './resource-id';

export interface ConfigContainerProps {
  readonly config: AzureTaskConfig;
}

/** The container of manifests and of the runner, beside those of backups. Whoever deploys may write there, nobody else. */
export class ConfigContainer extends Construct {
  constructor(scope: Construct, id: string, { config }: ConfigContainerProps) {
    super(scope, id);
    const { account, resourceGroup, container } = config;
    const made = new StorageContainer(this, 'Resource', {
      name: container,
      storageAccountId: resourceId(this, resourceGroup, `Microsoft.Storage/storageAccounts/${account}`),
      containerAccessType: 'private',
      lifecycle: { preventDestroy: true },
    });
    new RoleAssignment(this, 'deployer', {
      scope: containerId(this, config),
      roleDefinitionName: 'Storage Blob Data Contributor',
      principalId: deployerId(this),
      description: 'lets the deploying identity write manifests and the runner',
      dependsOn: [made],
    });
  }
}

export interface ConfigFile {
  /** Name in its container: the hash of what it says, so that it never says anything else. */
  readonly name: string;
  readonly sha256: string;
  readonly blob: StorageBlob;
}

/** A task manifest, as JSON. */
export function addManifest(scope: Construct, id: string, config: AzureTaskConfig, task: TaskManifest): ConfigFile {
  const { text, sha256 } = manifestText(task);
  const name = `tasks/${sha256}.json`;
  const blob = new StorageBlob(scope, id, {
    ...placeOf(config),
    name,
    type: 'Block',
    contentType: 'application/json',
    sourceContent: escapeTemplate(text),
    lifecycle: KEPT_UNTIL_REPLACED,
  });
  return { name, sha256, blob };
}

/** A task manifest as it is stored, and the hash by which it is known. */
export function manifestText(task: TaskManifest): { readonly text: string; readonly sha256: string } {
  const text = `${JSON.stringify(task, null, 2)}\n`;
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

/** The runner as one file, for hosts. */
export interface RunnerFile {
  /** Where the build has put it. */
  readonly file: string;
  readonly sha256: string;
}

export function addRunner(scope: Construct, id: string, config: AzureTaskConfig, runner: RunnerFile): ConfigFile {
  const { file, sha256 } = runner;
  const asset = new TerraformAsset(scope, `${id}_file`, { path: file, type: AssetType.FILE, assetHash: sha256 });
  const name = `runner/${sha256}.js`;
  const blob = new StorageBlob(scope, id, {
    ...placeOf(config),
    name,
    type: 'Block',
    contentType: 'text/javascript',
    source: asset.path,
    lifecycle: KEPT_UNTIL_REPLACED,
  });
  return { name, sha256, blob };
}

/** Whoever still reads the old one reads it until all is changed over. */
const KEPT_UNTIL_REPLACED = { createBeforeDestroy: true } as const;

function placeOf({ account, container }: AzureTaskConfig) {
  return { storageAccountName: account, storageContainerName: container };
}
