export { compile } from './compile';
export type { Compiled, CompileOptions } from './compile';
