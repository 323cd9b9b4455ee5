import type { Finding, Report, SourceFile, Span } from '../diagnostics';
import { Layout } from './layout';
import { Scanner } from './scanner';
import { SyntaxReport, unexpected } from './syntax-report';
import type { Token } from './token';
import type { Entry, ListValue, ObjectValue, Value } from './tree';

const DEEPEST = 64;

/** How brackets are matched: strictly by their kind, or with the help of the indentation once they do not add up. */
export type Matching = 'brackets' | 'indentation';

interface Opener {
  readonly token: Token;
  /** Column of the first character of the opener's line. */
  readonly indent: number;
}

/**
 * Recursive descent over tokens. It never throws and always comes to the end: after an error it goes on at the next
 * line, comma or closer, so that one mistake is one finding.
 */
export class Parser {
  private readonly scanner: Scanner;
  private token: Token;
  private previousEnd: number;
  private readonly layout: Layout;
  private readonly findings: SyntaxReport;
  private readonly openers: Opener[] = [];
  /** True once brackets did not add up. */
  unbalanced = false;

  constructor(
    private readonly file: SourceFile,
    start: number,
    end: number,
    private readonly matching: Matching,
    private readonly anchors: readonly string[],
    reporter: Report,
  ) {
    this.layout = new Layout(file.text, end);
    this.findings = new SyntaxReport(file, reporter);
    this.scanner = new Scanner(file.text, start, end);
    this.previousEnd = start;
    this.token = this.scanner.next();
    this.reportCommentProblem();
  }

  // --- what the file reader needs -------------------------------------------------------------------------------

  get current(): Token {
    return this.token;
  }

  get isAtEnd(): boolean {
    return this.token.kind === 'end' || this.findings.isFull;
  }

  advance(): Token {
    const taken = this.token;
    this.previousEnd = taken.end;
    this.token = this.scanner.next();
    this.reportCommentProblem();
    return taken;
  }

  spanOf(from: { start: number; end: number }, to = from): Span {
    return { file: this.file, start: from.start, end: to.end };
  }

  report(finding: Finding): void {
    this.findings.report(finding, this.spanOf(this.token));
  }

  is(text: string): boolean {
    return this.token.kind === 'punctuation' && this.token.text === text;
  }

  /** Skips a balanced block whose opening brace is the current token, whatever it holds. */
  skipBalanced(): void {
    const opener = this.token;
    let depth = 0;
    while (this.token.kind !== 'end') {
      if (this.is('{') || this.is('[')) depth += 1;
      if (this.is('}') || this.is(']')) depth -= 1;
      this.advance();
      if (depth === 0) return;
    }
    this.reportUnclosed(opener);
  }

  // --- grammar --------------------------------------------------------------------------------------------------

  parseObject(): ObjectValue {
    const open = this.open();
    const entries = new Map<string, Entry>();
    let damaged = false;
    for (;;) {
      if (this.is(',')) this.advance();
      else if (this.isAtEnd || this.isAnchor()) {
        damaged = true;
        this.reportUnclosed(open);
        break;
      } else if (this.is('}')) {
        const verdict = this.judgeCloser();
        if (verdict === 'ours') {
          this.advance();
          break;
        }
        if (verdict === 'outer') {
          this.reportUnclosed(open);
          break;
        }
        this.reportStray();
      } else if (this.is(']')) {
        if (this.openers.some((one) => one.token.text === '[')) {
          damaged = true;
          this.reportUnclosed(open);
          break;
        }
        this.reportStray();
      } else if (!this.parseEntry(entries)) damaged = true;
    }
    this.openers.pop();
    return { kind: 'object', entries, span: this.spanOf(open, { start: 0, end: this.previousEnd }), damaged };
  }

  /** Reads one entry into `entries`; false when it was lost. */
  private parseEntry(entries: Map<string, Entry>): boolean {
    if (this.token.kind !== 'word' && this.token.kind !== 'string') {
      this.reportUnexpected('a key');
      this.recover();
      return false;
    }
    const key = this.advance();
    if (key.problem) {
      this.reportProblem(key);
      this.recover();
      return false;
    }
    const value = this.findings.about(key.text, () => this.parseAfterKey(key));
    const first = entries.get(key.text);
    if (first) {
      this.report({
        code: 'DR1009',
        span: this.spanOf(key),
        message: `"${key.text}" stands here for the second time`,
        fix: 'keep one of the two',
        related: [{ span: first.keySpan, message: `"${key.text}" stands here first` }],
      });
    } else {
      entries.set(key.text, { key: key.text, keySpan: this.spanOf(key), value });
    }
    return true;
  }

  private parseAfterKey(key: Token): Value {
    if (this.is('{')) return this.parseNested();
    if (this.is(':')) {
      const colon = this.advance();
      return this.parseValue(colon);
    }
    const sameLine = !this.isOnNewLine(key);
    const startsValue =
      this.token.kind === 'string' || this.token.kind === 'number' || this.token.kind === 'word' || this.is('[');
    this.report({
      code: 'DR1006',
      span: this.spanOf(key),
      message: `"${key.text}" is not followed by a colon`,
      fix: `write ${key.text}: and its value`,
    });
    if (sameLine && startsValue) {
      const value = this.findings.quietly(() => this.parseValue(key));
      return value;
    }
    if (sameLine) this.recover();
    return { kind: 'invalid', span: this.spanOf(key) };
  }

  private parseValue(before: Token): Value {
    const token = this.token;
    if (this.is('{') || this.is('[')) return this.parseNested();
    if (token.kind === 'string' || token.kind === 'number') return this.parseScalar(this.advance());
    if (token.kind === 'word' && !(this.isOnNewLine(before) && this.layout.looksLikeKey(token)))
      return this.parseWord();
    const nothing = token.kind === 'end' || this.is('}') || this.is(']') || this.is(',') || this.isOnNewLine(before);
    if (nothing) {
      this.report({
        code: 'DR1005',
        span: this.spanOf(before),
        message: 'a value is missing here',
        fix: 'write a string, a number, true, false, env.NAME, a list or a block',
      });
    } else {
      this.reportUnexpected('a value');
      this.recover();
    }
    return { kind: 'invalid', span: this.spanOf(before) };
  }

  private parseScalar(token: Token): Value {
    const span = this.spanOf(token);
    if (token.problem) {
      this.reportProblem(token);
      return { kind: 'invalid', span };
    }
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text), span };
    return { kind: 'string', value: token.text, span };
  }

  private parseWord(): Value {
    const token = this.advance();
    const span = this.spanOf(token);
    if (token.text === 'true' || token.text === 'false') return { kind: 'boolean', value: token.text === 'true', span };
    const name = /^env\.([A-Za-z_][A-Za-z0-9_]*)$/.exec(token.text)?.[1];
    if (name) return { kind: 'env', name, span };
    this.report({
      code: 'DR1015',
      span,
      message: `"${token.text}" is text without quotes`,
      fix: `write "${token.text}" in double quotes; without them only true, false, numbers and env.NAME are values`,
    });
    if (!this.isOnNewLine(token)) this.recover();
    return { kind: 'invalid', span };
  }

  private parseNested(): Value {
    if (this.openers.length < DEEPEST) return this.is('{') ? this.parseObject() : this.parseList();
    const opener = this.token;
    this.report({
      code: 'DR1010',
      span: this.spanOf(opener),
      message: `blocks and lists are nested more than ${DEEPEST} levels deep`,
      fix: 'remove levels; no key of the spec needs that many',
    });
    this.findings.quietly(() => this.skipBalanced());
    return { kind: 'invalid', span: this.spanOf(opener) };
  }

  private parseList(): ListValue {
    const open = this.open();
    const items: Value[] = [];
    for (;;) {
      if (this.is(',')) this.advance();
      else if (this.is(']')) {
        this.advance();
        break;
      } else if (this.isAtEnd || this.is('}') || this.isAnchor() || this.isEntryInList()) {
        this.reportUnclosed(open);
        break;
      } else items.push(this.parseValue({ ...this.token, end: this.token.start }));
    }
    this.openers.pop();
    return { kind: 'list', items, span: this.spanOf(open, { start: 0, end: this.previousEnd }) };
  }

  // --- brackets -------------------------------------------------------------------------------------------------

  private open(): Token {
    const token = this.advance();
    this.openers.push({ token, indent: this.layout.indentOf(token) });
    return token;
  }

  /** Whether a closing brace at the start of its line closes the innermost block, an outer one, or nothing. */
  private judgeCloser(): 'ours' | 'outer' | 'stray' {
    if (this.matching === 'brackets' || !this.layout.isFirstOnLine(this.token)) return 'ours';
    const indent = this.layout.indentOf(this.token);
    const innermost = this.openers[this.openers.length - 1];
    if (!innermost || indent === innermost.indent) return 'ours';
    if (indent > innermost.indent) return 'stray';
    return this.openers.some((one) => one.indent === indent) ? 'outer' : 'ours';
  }

  /** A block of ours that starts at the margin inside of another one: the other one was not closed. */
  private isAnchor(): boolean {
    if (this.token.kind !== 'word' || !this.anchors.includes(this.token.text)) return false;
    return (
      this.layout.isFirstOnLine(this.token) &&
      this.layout.indentOf(this.token) === 0 &&
      /^\s*\{/.test(this.layout.following(this.token))
    );
  }

  private isEntryInList(): boolean {
    return this.token.kind === 'word' && this.layout.isFirstOnLine(this.token) && this.layout.looksLikeKey(this.token);
  }

  private reportUnclosed(open: Token): void {
    this.unbalanced = true;
    this.report({
      code: 'DR1007',
      span: this.spanOf(open),
      message: open.text === '[' ? 'this list has no end' : 'this block has no end',
      fix: open.text === '[' ? 'close it with ]' : 'close it with }',
    });
  }

  /** Closes nothing: passed over, and said. */
  reportStray(): void {
    this.unbalanced = true;
    const token = this.advance();
    this.report({
      code: 'DR1008',
      span: this.spanOf(token),
      message: `this ${token.text} closes nothing`,
      fix: 'remove it, or open what it was meant to close',
    });
  }

  // --- recovery -------------------------------------------------------------------------------------------------

  /** Goes on to the next entry: a new line, a comma, or a closer of what is open; nested brackets are passed over. */
  recover(): void {
    let last: { end: number } = { end: this.previousEnd };
    let depth = 0;
    while (this.token.kind !== 'end') {
      const onNewLine = this.isOnNewLine(last);
      if (depth === 0 && (onNewLine || this.is(',') || this.is('}') || this.is(']'))) return;
      if (this.is('{') || this.is('[')) depth += 1;
      if (this.is('}') || this.is(']')) depth -= 1;
      last = this.advance();
    }
  }

  private reportProblem(token: Token): void {
    const problem = token.problem;
    if (!problem) return;
    const span = this.spanOf(problem);
    this.report({ code: problem.code, span, message: problem.message, fix: problem.fix });
  }

  private reportCommentProblem(): void {
    if (this.token.kind === 'end') this.reportProblem(this.token);
  }

  reportUnexpected(wanted: string): void {
    if (this.token.problem) return this.reportProblem(this.token);
    this.report({ ...unexpected(this.token.text, wanted), span: this.spanOf(this.token) });
  }

  private isOnNewLine(before: { readonly end: number }): boolean {
    return this.layout.hasLineBreakBetween(before, this.token);
  }

  /** True for a token with blanks between the margin and it. */
  isIndented(token: Token): boolean {
    return this.layout.indentOf(token) > 0;
  }
}
