import type { Report } from '../diagnostics';
import type { Entry, Value } from './tree';

interface Placed {
  readonly entry: Entry;
  /** Column of the first character of the entry's line. */
  readonly indent: number;
}

/** The entries of a block while it is read: later tokens may show that one was misread, or stands elsewhere. */
export class Body {
  private placed: Placed[] = [];
  /** A piece was lost to a reported error. */
  damaged = false;

  get isEmpty(): boolean {
    return this.placed.length === 0;
  }

  get last(): Entry | undefined {
    return this.placed[this.placed.length - 1]?.entry;
  }

  add(entry: Entry, indent: number): void {
    this.placed.push({ entry, indent });
  }

  /** The value of the last entry was misread: nothing more is said about it. */
  spoilLast(): void {
    const last = this.placed.pop();
    if (!last) return;
    const value: Value = { kind: 'invalid', span: last.entry.value.span };
    this.placed.push({ ...last, entry: { ...last.entry, value } });
  }

  /** A closing brace at this column closes nothing: what stands further in lost the line that opened it. */
  dropFurtherIn(indent: number): void {
    this.damaged = true;
    this.placed = this.placed.filter((one) => one.indent <= indent);
  }

  /** The entries by key; the second of two equal keys is reported, unless the first was lost to an error. */
  finish(report: Report): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { entry } of this.placed) {
      const first = entries.get(entry.key);
      if (!first || isLost(first.value)) entries.set(entry.key, entry);
      else {
        report({
          code: 'DR1009',
          span: entry.keySpan,
          message: `"${entry.key}" stands here for the second time`,
          fix: 'keep one of the two',
          related: [{ span: first.keySpan, message: `"${entry.key}" stands here first` }],
        });
      }
    }
    return entries;
  }
}

function isLost(value: Value): boolean {
  return value.kind === 'invalid' || (value.kind === 'object' && value.damaged && value.entries.size === 0);
}
