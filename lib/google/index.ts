export type { GoogleBucket, GoogleKey, GoogleLifecycleRule, GoogleStack } from '../contract/google-storage';
export { EncryptionKey, type EncryptionKeyProps } from './key';
export { renderLifecycle } from './lifecycle';
export { addProvider, findStorageAgent } from './provider';
export { Services, type ServicesProps } from './services';
export { BackupStore, type BackupStoreProps } from './store';
