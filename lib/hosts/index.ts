export { NODE_FLAGS, NODE_RELEASE } from './node-release';
export type { NodeArchive, NodeRelease } from './node-release';
export { HOST_WORD, renderHostScript } from './run-script';
export type { HostRun, HostScriptProps } from './run-script';
