export type { AzureAccount, AzureContainer, AzureKey, AzureLifecycleRule, AzureStack } from '../contract/azure-storage';
export { Diagnostics, type DiagnosticsProps } from './diagnostics';
export { addResourceGroup } from './group';
export { EncryptionKey, type EncryptionKeyProps } from './key';
export { renderLifecycle } from './lifecycle';
export { addSiteProvider, addStorageProvider, addTaskProvider } from './provider';
export { BackupStore, type BackupStoreProps } from './store';
