export { compile } from './compile';
export type { Compiled, CompileOptions } from './compile';
export { readSources } from './sources';
