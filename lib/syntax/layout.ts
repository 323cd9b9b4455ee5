import type { Token } from './token';

type Stretch = Pick<Token, 'start' | 'end'>;

/** Longest margin that is looked at. */
const WIDEST = 1000;

/**
 * How a text stands on its lines: the hints that recovery goes by. Each question looks at a bounded piece of the text,
 * so that a file of one long line costs no more than one of many.
 */
export class Layout {
  private known = { at: 0, lineStart: 0 };

  constructor(
    private readonly text: string,
    private readonly end: number,
  ) {}

  hasLineBreakBetween(before: { readonly end: number }, token: Stretch): boolean {
    return this.text.slice(before.end, Math.min(token.start, before.end + 10_000)).includes('\n');
  }

  areOnOneLine(first: Stretch, second: Stretch): boolean {
    return this.lineStart(first.start) === this.lineStart(second.start);
  }

  looksLikeKey(token: Stretch): boolean {
    return /^[ \t]*[:{]/.test(this.following(token));
  }

  /** True where nothing but closers, commas and a comment follow the token on its line. */
  isBeforeLineEnd(token: Stretch): boolean {
    return /^[\s,}\]]*?(\r?\n|\/\/|$)/.test(this.following(token));
  }

  following(token: Stretch): string {
    return this.text.slice(token.end, Math.min(this.end, token.end + 80));
  }

  isFirstOnLine(token: Stretch): boolean {
    const margin = this.text.slice(Math.max(0, token.start - WIDEST), token.start);
    return /(^|\n)[ \t\uFEFF]*$/.test(margin) && (/\n/.test(margin) || token.start <= WIDEST);
  }

  /** The token's line begins with a closing bracket. */
  startsWithCloser(token: Stretch): boolean {
    const start = this.lineStart(token.start);
    return /^[ \t]*[}\]]/.test(this.text.slice(start, Math.min(token.end, start + WIDEST)));
  }

  /** Column of the first character of the token's line that is no blank. */
  indentOf(token: Stretch): number {
    const start = this.lineStart(token.start);
    return (/^[ \t]*/.exec(this.text.slice(start, Math.min(token.end, start + WIDEST)))?.[0] ?? '').length;
  }

  /** Parsing moves forward, so that only the piece since the last question is searched. */
  private lineStart(at: number): number {
    if (at < this.known.at) return this.text.lastIndexOf('\n', at - 1) + 1;
    const found = this.text.slice(this.known.at, at).lastIndexOf('\n');
    this.known = { at, lineStart: found < 0 ? this.known.lineStart : this.known.at + found + 1 };
    return this.known.lineStart;
  }
}
