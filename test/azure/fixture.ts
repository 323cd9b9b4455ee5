import type { AzureAccount, AzureKey, AzureStack } from '../../lib/azure';

export const existingKey: AzureKey = {
  id: 'azure/key/acme',
  from: ['backup.cloud.blob.encryption'],
  kind: 'existing',
  vaultUrl: 'https://acme-vault.vault.azure.net',
  vaultName: 'acme-vault',
  keyName: 'acme-backup',
};

export const createdKey: AzureKey = {
  id: 'azure/key/made',
  from: [],
  kind: 'created',
  vaultName: 'acme-backup-kv',
  keyName: 'acme-backup',
};

export const account: AzureAccount = {
  id: 'azure/account/acmebackups',
  from: ['backup.cloud.blob'],
  name: 'acmebackups',
  keyId: existingKey.id,
  replication: 'RAGRS',
  softDeleteDays: 30,
  changeFeedDays: 90,
  allowedRanges: [],
  containers: [
    { id: 'azure/container/backups', from: [], name: 'backups', immutability: { days: 30, locked: false } },
    { id: 'azure/container/sql', from: [], name: 'sql', immutability: { days: 7, locked: true } },
    { id: 'azure/container/scratch', from: [], name: 'scratch', immutability: null },
  ],
  lifecycle: [
    {
      id: 'azure/lifecycle/backups',
      from: [],
      name: 'backups',
      prefix: 'backups/',
      coolAfterDays: 30,
      archiveAfterDays: 90,
      deleteAfterDays: 2555,
    },
    { id: 'azure/lifecycle/sql', from: [], name: 'sql', prefix: 'sql/', coldAfterDays: 45, deleteAfterDays: 120 },
  ],
};

export const secondAccount: AzureAccount = {
  id: 'azure/account/acmecopies',
  from: [],
  name: 'acmecopies',
  keyId: existingKey.id,
  replication: 'ZRS',
  softDeleteDays: 14,
  changeFeedDays: 30,
  allowedRanges: [],
  containers: [{ id: 'azure/container/copies', from: [], name: 'copies', immutability: null }],
  lifecycle: [],
};

export const azureStack: AzureStack = {
  id: 'azure/stack/acme',
  from: ['backup.cloud.blob'],
  name: 'acme-azure-backup',
  location: 'northeurope',
  subscription: '00000000-0000-4000-8000-000000000001',
  resourceGroup: 'rg-acme-backup',
  keys: [existingKey],
  accounts: [account],
  logs: { id: 'azure/logs/acme', from: [], workspace: 'log-acme-backup', retentionDays: 120 },
  backend: { type: 'local' },
};

/** The same account with a key that the stack makes. */
export const madeStack: AzureStack = {
  ...azureStack,
  keys: [createdKey],
  accounts: [{ ...account, keyId: createdKey.id }],
};

/** Two accounts, each with a key of its own in a vault of its own. The keys are called the same. */
export const twoVaultStack: AzureStack = {
  ...madeStack,
  keys: [createdKey, { ...createdKey, id: 'azure/key/copies', vaultName: 'acme-copies-kv' }],
  accounts: [...madeStack.accounts, { ...secondAccount, keyId: 'azure/key/copies' }],
};
