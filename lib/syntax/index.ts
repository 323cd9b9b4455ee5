export { parseFiles } from './parse';
export { childPath, itemPath, leavesOf, locate, parentPath, spansOf } from './path';
export type { Leaf } from './path';
export type { Entry, ListValue, ObjectValue, Tree, Value } from './tree';
