export { renderRestoreConfig, renderRestoreInstaller, renderRestoreScript } from './installer';
export type { RestoreMachine } from './machine';
