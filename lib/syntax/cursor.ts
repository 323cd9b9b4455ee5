import type { Finding, Report, SourceFile, Span } from '../diagnostics';
import { Layout } from './layout';
import { Scanner } from './scanner';
import { SyntaxReport, unexpected } from './syntax-report';
import type { Token } from './token';

type Stretch = Pick<Token, 'start' | 'end'>;

/** A place in a stream of tokens: goes on, passes over what cannot be read, and reports. */
export class Cursor {
  readonly layout: Layout;
  readonly findings: SyntaxReport;
  private readonly scanner: Scanner;
  private token: Token;
  private lastEnd: number;
  private last: Token | undefined;

  constructor(
    private readonly file: SourceFile,
    start: number,
    end: number,
    reporter: Report,
  ) {
    this.layout = new Layout(file.text, end);
    this.findings = new SyntaxReport(file, reporter);
    this.scanner = new Scanner(file.text, start, end);
    this.lastEnd = start;
    this.token = this.scanner.next();
    this.reportOpenComment();
  }

  get current(): Token {
    return this.token;
  }

  /** End of the token before the current one. */
  get previousEnd(): number {
    return this.lastEnd;
  }

  get isAtEnd(): boolean {
    return this.token.kind === 'end' || this.findings.isFull;
  }

  get isOnNewLine(): boolean {
    return this.layout.hasLineBreakBetween({ end: this.lastEnd }, this.token);
  }

  /** A comment or string without an end took the rest of the text, and was reported. */
  get isCutOff(): boolean {
    if (this.token.kind !== 'end') return false;
    return this.token.problem !== undefined || this.last?.problem?.code === 'DR1002';
  }

  /** Nothing stands between the token before and this one. */
  get isTouching(): boolean {
    if (this.token.kind === 'end' || this.token.start !== this.lastEnd) return false;
    return this.token.kind !== 'punctuation' || this.is('{') || this.is('[');
  }

  is(text: string): boolean {
    return this.token.kind === 'punctuation' && this.token.text === text;
  }

  isKey(): boolean {
    return (this.token.kind === 'word' || this.token.kind === 'string') && this.layout.looksLikeKey(this.token);
  }

  spanOf(from: Stretch, to = from): Span {
    return { file: this.file, start: from.start, end: to.end };
  }

  advance(): Token {
    const taken = this.token;
    this.lastEnd = taken.end;
    this.last = taken;
    this.token = this.scanner.next();
    this.reportOpenComment();
    return taken;
  }

  report(finding: Finding): void {
    this.findings.report(finding, this.spanOf(this.token));
  }

  reportProblem(token: Token): void {
    const problem = token.problem;
    if (!problem) return;
    this.report({ code: problem.code, span: this.spanOf(problem), message: problem.message, fix: problem.fix });
  }

  reportUnexpected(wanted: string): void {
    if (this.token.problem) this.reportProblem(this.token);
    else this.report({ ...unexpected(this.token.text, wanted), span: this.spanOf(this.token) });
  }

  // --- passing over ---------------------------------------------------------------------------------------------

  /** Passes over the current token, with all that it opens, and goes on to the next entry. */
  passOver(): void {
    if (this.is('{') || this.is('[')) this.findings.quietly(() => this.passBalanced());
    else this.advance();
    this.recover();
  }

  /** Goes on to the next entry: a new line, a comma, or a closer of what is open; nested brackets are passed over. */
  recover(): void {
    while (this.token.kind !== 'end') {
      if (this.isOnNewLine || this.is(',') || this.is('}') || this.is(']')) return;
      if (this.is('{') || this.is('[')) this.findings.quietly(() => this.passBalanced());
      else this.advance();
    }
  }

  /**
   * Passes over the rest of a line whose quotes do not pair up, but for the closers at its end.
   * @param from where the line went wrong
   * @returns how many brackets it opens more than it closes, in strings or not: which is which cannot be told
   */
  passLine(from: number): number {
    while (this.token.kind !== 'end' && !this.isOnNewLine) {
      const closes = this.is('}') || this.is(']');
      if (closes && this.layout.isBeforeLineEnd(this.token)) break;
      this.advance();
    }
    const passed = this.file.text.slice(from, this.lastEnd);
    return passed.replace(/[^{[]/g, '').length - passed.replace(/[^}\]]/g, '').length;
  }

  /** Passes over the brackets that the current token opens; answers whether they end before `stops` says so. */
  passBalanced(stops: () => boolean = () => false): boolean {
    let depth = 0;
    while (this.token.kind !== 'end' && !stops()) {
      if (this.is('{') || this.is('[')) depth += 1;
      if (this.is('}') || this.is(']')) depth -= 1;
      this.advance();
      if (depth === 0) return true;
    }
    return false;
  }

  private reportOpenComment(): void {
    if (this.token.kind === 'end') this.reportProblem(this.token);
  }
}
