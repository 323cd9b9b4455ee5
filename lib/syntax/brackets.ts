import type { Cursor } from './cursor';
import type { Token } from './token';

/** Blocks and lists may be nested this deep. */
export const DEEPEST = 64;

/** How brackets are matched: strictly by their kind, or with the help of the indentation once they do not add up. */
export type Matching = 'brackets' | 'indentation';

interface Opener {
  readonly token: Token;
  /** A piece of what it holds was passed over. */
  lost: boolean;
  /** Column of the first character of the opener's line. */
  readonly indent: number;
}

/** What is open at the cursor, and what a closing bracket closes. */
export class Brackets {
  private readonly openers: Opener[] = [];
  private reportedEnd: number | undefined;
  private unseenClosers = 0;
  /** True once brackets did not add up. */
  unbalanced = false;
  /** True once they did not, and nothing on the lines tells where the missing one belongs. */
  unplaced = false;

  constructor(
    private readonly cursor: Cursor,
    readonly matching: Matching,
    private readonly anchors: readonly string[],
  ) {}

  get depth(): number {
    return this.openers.length;
  }

  get isInList(): boolean {
    return this.openers.some((one) => one.token.text === '[');
  }

  /** @param token the opening bracket, or the key of a block whose opening brace is missing */
  open(token: Token): Token {
    this.openers.push({ token, lost: false, indent: this.cursor.layout.indentOf(token) });
    return token;
  }

  /** Opens a block before its first key, where its opening brace is missing. */
  openBefore(key: Token): Token {
    this.openers.push({ token: key, lost: false, indent: this.cursor.layout.indentOf(key) - 1 });
    return key;
  }

  /** An entry in a list, further in than the list: of a block whose opening brace is missing. */
  isHeadless(): boolean {
    const { layout, current } = this.cursor;
    const list = this.openers[this.openers.length - 1];
    if (!list || current.kind !== 'word' || !this.cursor.isKey() || !layout.isFirstOnLine(current)) return false;
    return layout.indentOf(current) > list.indent && this.depth < DEEPEST;
  }

  /** @returns whether a piece of what was open was passed over */
  close(): boolean {
    return this.openers.pop()?.lost ?? false;
  }

  /** Passes over the rest of a line, and over what it opens and closes. */
  passLine(from: number): void {
    const net = this.cursor.passLine(from);
    this.unseenClosers += Math.max(0, -net);
    for (const one of this.openers) one.lost = true;
    for (let more = net; more > 0 && !this.cursor.isOnNewLine && this.isCloser(); more -= 1) this.cursor.advance();
  }

  /** A closer of the innermost block or list stood in what was passed over. */
  takeUnseenCloser(): boolean {
    if (this.unseenClosers === 0) return false;
    this.unseenClosers -= 1;
    return true;
  }

  private isCloser(): boolean {
    return this.cursor.is('}') || this.cursor.is(']');
  }

  /** Whether a closing brace on a line that starts with one closes the innermost block, an outer one, or nothing. */
  judgeCloser(): 'ours' | 'outer' | 'stray' {
    const { layout, current } = this.cursor;
    if (this.matching === 'brackets' || !layout.startsWithCloser(current)) return 'ours';
    const indent = layout.indentOf(current);
    const innermost = this.openers[this.openers.length - 1];
    if (!innermost || indent === innermost.indent) return 'ours';
    if (indent > innermost.indent) return 'stray';
    return this.openers.some((one) => one.indent === indent) ? 'outer' : 'ours';
  }

  /** A closer of the other kind that stands where the right one belongs. */
  isMistaken(): boolean {
    const { layout, current } = this.cursor;
    const innermost = this.openers[this.openers.length - 1];
    if (!innermost) return false;
    if (layout.isFirstOnLine(current)) return layout.indentOf(current) === innermost.indent;
    if (this.matching === 'indentation') return layout.areOnOneLine(innermost.token, current);
    const around = this.openers[this.openers.length - 2];
    return layout.areOnOneLine(innermost.token, current) && !(around && layout.areOnOneLine(around.token, current));
  }

  /** A block of ours that starts at the margin inside of another one: the other one was not closed. */
  isAnchor(): boolean {
    const { layout, current } = this.cursor;
    if (current.kind !== 'word' || !this.anchors.includes(current.text)) return false;
    return /^\s*\{/.test(layout.following(current)) && layout.isFirstOnLine(current) && layout.indentOf(current) === 0;
  }

  /** By its indentation, the entry at the cursor stands outside of the innermost block. */
  isOutside(): boolean {
    if (this.matching === 'brackets' || !(this.cursor.isKey() || this.cursor.is('{'))) return false;
    const { layout, current } = this.cursor;
    const innermost = this.openers[this.openers.length - 1];
    return innermost !== undefined && layout.isFirstOnLine(current) && layout.indentOf(current) <= innermost.indent;
  }

  /** What is still open at an end was lost to one mistake, most likely, and is said once. */
  reportUnclosed(open: Token): void {
    this.unbalanced = true;
    const { layout, current } = this.cursor;
    const end = current.kind === 'end' || this.isAnchor();
    if (end && !/^[ \t]*(\/\/[^\n]*)?\r?\n/.test(layout.following(open))) this.unplaced = true;
    if (this.cursor.isCutOff || (end && this.reportedEnd === current.start)) return;
    if (end) this.reportedEnd = current.start;
    this.cursor.report({
      code: 'DR1007',
      span: this.cursor.spanOf(open),
      message: open.text === '[' ? 'this list has no end' : 'this block has no end',
      fix: open.text === '[' ? 'close it with ]' : 'close it with }',
    });
  }

  /** Closes nothing: passed over, and said. */
  reportStray(): true {
    this.unbalanced = true;
    const token = this.cursor.advance();
    this.cursor.report({
      code: 'DR1008',
      span: this.cursor.spanOf(token),
      message: `this ${token.text} closes nothing`,
      fix: 'remove it, or open what it was meant to close',
    });
    return true;
  }

  /** Closes, but with the bracket of the other kind. */
  reportMistaken(right: '}' | ']'): void {
    const token = this.cursor.advance();
    this.cursor.report({
      code: 'DR1008',
      span: this.cursor.spanOf(token),
      message: `this ${token.text} closes a ${right === '}' ? 'block' : 'list'}`,
      fix: `write ${right}`,
    });
  }
}
