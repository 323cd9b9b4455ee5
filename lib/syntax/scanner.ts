import { readString } from './string-literal';
import type { Token } from './token';

const WORD = /[A-Za-z_$][A-Za-z0-9_$.-]*/y;
const NUMBER = /-?\d(?:[A-Za-z0-9_.+%-]|:(?=\d))*/y;
const GOOD_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const PUNCTUATION = '{}[]:,';
const BLANK = /[\s\uFEFF]/;

/** Reads tokens from a stretch of text, one at a time. Never throws; what is odd becomes a token with a problem. */
export class Scanner {
  private at: number;

  constructor(
    private readonly text: string,
    start: number,
    private readonly end: number,
  ) {
    this.at = start;
  }

  next(): Token {
    const unclosed = this.skipBlank();
    if (unclosed) return unclosed;
    const start = this.at;
    if (start >= this.end) return { kind: 'end', text: '', start: this.end, end: this.end };
    const first = this.text.charAt(start);
    if (PUNCTUATION.includes(first)) return this.take('punctuation', start + 1);
    if (first === '"') {
      const token = readString(this.text, start, this.end);
      this.at = token.end;
      return token;
    }
    const word = this.match(WORD);
    if (word) return this.take('word', start + word.length);
    const number = this.match(NUMBER);
    if (number) return this.number(start, number);
    return this.junk(start);
  }

  /** Skips blanks and comments; answers a token only for a comment without an end, which takes all the rest. */
  private skipBlank(): Token | undefined {
    for (; this.at < this.end;) {
      const code = this.text.charCodeAt(this.at);
      if (
        code === 32 ||
        code === 10 ||
        code === 13 ||
        code === 9 ||
        (code > 127 && BLANK.test(this.text.charAt(this.at)))
      ) {
        this.at += 1;
      } else if (code === 47 && this.text.charCodeAt(this.at + 1) === 47) {
        const lineEnd = this.text.indexOf('\n', this.at);
        this.at = lineEnd < 0 || lineEnd > this.end ? this.end : lineEnd;
      } else if (code === 47 && this.text.charCodeAt(this.at + 1) === 42) {
        const start = this.at;
        const close = this.text.indexOf('*/', start + 2);
        const closed = close >= 0 && close + 2 <= this.end;
        // A pattern such as temp/* that lost its quote is no comment over the rest of the file.
        if (!closed && /[\w."]/.test(this.text.charAt(start - 1))) return undefined;
        this.at = closed ? close + 2 : this.end;
        if (!closed) return unclosedComment(start, this.end);
      } else {
        return undefined;
      }
    }
    return undefined;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    return found && this.at + found.length > this.end ? found.slice(0, this.end - this.at) : found;
  }

  private take(kind: Token['kind'], end: number): Token {
    const start = this.at;
    this.at = end;
    return { kind, text: this.text.slice(start, end), start, end };
  }

  private number(start: number, text: string): Token {
    const token = this.take('number', start + text.length);
    if (GOOD_NUMBER.test(text)) return token;
    const quoted = /[A-Za-z:%]/.test(text);
    return {
      ...token,
      problem: {
        code: 'DR1014',
        start,
        end: token.end,
        message: `"${text}" is not a number`,
        fix: quoted
          ? `a time or an amount with a unit stands in quotes: "${text}"`
          : 'write an integer or a decimal such as 30 or 0.5',
      },
    };
  }

  /** One run of characters that mean nothing, so that a line of garbage is one finding. */
  private junk(start: number): Token {
    let end = start + 1;
    while (end < this.end && !/[\s{}[\]:,"A-Za-z0-9_$/]/.test(this.text.charAt(end))) end += 1;
    this.at = end;
    const shown = JSON.stringify(this.text.slice(start, Math.min(end, start + 12)));
    return {
      kind: 'junk',
      text: this.text.slice(start, end),
      start,
      end,
      problem: {
        code: 'DR1001',
        start,
        end,
        message: `unexpected ${shown}`,
        fix: 'remove it, or put text in double quotes',
      },
    };
  }
}

function unclosedComment(start: number, end: number): Token {
  const problem = {
    code: 'DR1004' as const,
    start,
    end: start + 2,
    message: 'this comment has no end',
    fix: 'close it with */',
  };
  return { kind: 'end', text: '', start: end, end, problem };
}
