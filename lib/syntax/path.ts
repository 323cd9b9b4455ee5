import { childPath, itemPath, parentPath } from '../diagnostics';
import type { Span } from '../diagnostics';
import type { Tree, Value } from './tree';

/** One value of the spec that is no block and no list; each item of a list is one. */
export interface Leaf {
  readonly path: string;
  readonly value: Exclude<Value, { kind: 'object' | 'list' }>;
}

/** All leaves of a tree in the order of the text. */
export function leavesOf(tree: Tree): readonly Leaf[] {
  const leaves: Leaf[] = [];
  visit(tree, (path, value) => {
    if (value.kind !== 'object' && value.kind !== 'list') leaves.push({ path, value });
  });
  return leaves;
}

/** The place of every path: the value of a leaf, the key of a block or list. */
export function spansOf(tree: Tree): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  visit(tree, (path, value, keySpan) => {
    spans.set(path, value.kind === 'object' || value.kind === 'list' ? (keySpan ?? value.span) : value.span);
  });
  return spans;
}

/** The span of the path, or of the nearest block around it that stands in the text. */
export function locate(spans: ReadonlyMap<string, Span>, path: string): Span | undefined {
  for (let at = path; at !== ''; at = parentPath(at)) {
    const span = spans.get(at);
    if (span) return span;
  }
  return undefined;
}

function visit(tree: Tree, see: (path: string, value: Value, keySpan?: Span) => void): void {
  const walk = (path: string, value: Value, keySpan?: Span): void => {
    see(path, value, keySpan);
    if (value.kind === 'object') {
      for (const entry of value.entries.values()) walk(childPath(path, entry.key), entry.value, entry.keySpan);
    }
    if (value.kind === 'list') value.items.forEach((item, index) => walk(itemPath(path, index), item));
  };
  for (const entry of tree.values()) walk(entry.key, entry.value, entry.keySpan);
}
