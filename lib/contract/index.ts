export * from './aws-storage';
export * from './azure-storage';
export * from './backup-manifest';
export * from './google-storage';
export { nodeShape } from './node';
export * from './plan';
export { secretNameIn } from './secret-name';
export * from './task';
export * from './terraform';
