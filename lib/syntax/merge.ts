import type { Report } from '../diagnostics';
import type { Entry, ObjectValue } from './tree';

/** Adds a block to the tree; the same block from another file, fence or place is merged into it. */
export function mergeBlock(tree: Map<string, Entry>, entry: Entry, report: Report): void {
  mergeEntry(tree, entry, report);
}

function mergeEntry(into: Map<string, Entry>, entry: Entry, report: Report): void {
  const first = into.get(entry.key);
  if (!first) {
    into.set(entry.key, entry);
  } else if (first.value.kind === 'object' && entry.value.kind === 'object') {
    into.set(entry.key, { ...first, value: mergeObjects(first.value, entry.value, report) });
  } else if (first.value.kind !== 'invalid' && entry.value.kind !== 'invalid') {
    report({
      code: 'DR1009',
      span: entry.keySpan,
      message: `"${entry.key}" stands here for the second time`,
      fix: 'keep one of the two; blocks of several files are merged, but each value may stand in one of them only',
      related: [{ span: first.keySpan, message: `"${entry.key}" stands here first` }],
    });
  }
}

function mergeObjects(first: ObjectValue, second: ObjectValue, report: Report): ObjectValue {
  const entries = new Map(first.entries);
  for (const entry of second.entries.values()) mergeEntry(entries, entry, report);
  return { ...first, entries, damaged: first.damaged || second.damaged };
}
