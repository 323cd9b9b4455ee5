import type { Token } from './token';

type Stretch = Pick<Token, 'start' | 'end'>;

/** How a text stands on its lines: the hints that recovery goes by. Looks never further than a bounded piece. */
export class Layout {
  constructor(
    private readonly text: string,
    private readonly end: number,
  ) {}

  hasLineBreakBetween(before: { readonly end: number }, token: Stretch): boolean {
    return this.text.slice(before.end, Math.min(token.start, before.end + 10_000)).includes('\n');
  }

  looksLikeKey(token: Stretch): boolean {
    return /^[ \t]*[:{]/.test(this.following(token));
  }

  following(token: Stretch): string {
    return this.text.slice(token.end, Math.min(this.end, token.end + 80));
  }

  isFirstOnLine(token: Stretch): boolean {
    return this.text.slice(this.lineStart(token), token.start).trim() === '';
  }

  /** Column of the first character of the token's line that is no blank. */
  indentOf(token: Stretch): number {
    const start = this.lineStart(token);
    return (/^[ \t]*/.exec(this.text.slice(start, Math.min(token.end, start + 1000)))?.[0] ?? '').length;
  }

  private lineStart(token: Stretch): number {
    return this.text.lastIndexOf('\n', token.start - 1) + 1;
  }
}
