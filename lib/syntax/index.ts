export { parseFiles } from './parse';
export { leavesOf, locate, spansOf } from './path';
export type { Leaf } from './path';
export type { Entry, ListValue, ObjectValue, Tree, Value } from './tree';
