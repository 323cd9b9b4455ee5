import { CODES, namesSecret } from '../diagnostics';
import type { Finding, Report, SourceFile, Span } from '../diagnostics';

const MOST_ERRORS = 100;

/** Where a parser's findings go: an end after too many, silence while it recovers, nothing quoted from a secret. */
export class SyntaxReport {
  private errors = 0;
  private muted = false;
  private concealing = false;

  constructor(
    private readonly file: SourceFile,
    private readonly reporter: Report,
  ) {}

  get isFull(): boolean {
    return this.errors >= MOST_ERRORS;
  }

  report(finding: Finding, current: Span): void {
    if (this.muted || this.isFull) return;
    this.errors += 1;
    this.reporter(this.concealing ? conceal(finding) : finding);
    if (!this.isFull) return;
    const span = finding.span ?? current;
    this.reporter({
      code: 'DR1017',
      span: { ...span, end: span.start + 1 },
      message: `${this.file.name} has ${MOST_ERRORS} syntax errors or more; reading stops here`,
      fix: 'mend the first ones and run again',
    });
  }

  /** Runs a step without findings, after the one mistake was reported. */
  quietly<T>(step: () => T): T {
    const outer = this.muted;
    this.muted = true;
    const answer = step();
    this.muted = outer;
    return answer;
  }

  /** Runs a step that reads the value of a key: what is wrong with a secret's value is said without quoting it. */
  about<T>(key: string, step: () => T): T {
    const outer = this.concealing;
    this.concealing ||= namesSecret(key);
    const answer = step();
    this.concealing = outer;
    return answer;
  }
}

/** @param wanted `a block`, `a key` or `a value` */
export function unexpected(text: string, wanted: string): Finding {
  const shown = text.length > 24 ? `${text.slice(0, 24)}...` : text;
  return {
    code: 'DR1001',
    message: `found ${shown === '' ? 'an empty string' : shown} where ${wanted} is expected`,
    fix:
      wanted === 'a value'
        ? 'write a string, a number, true, false, env.NAME, a list or a block'
        : 'an entry is key: value or key { ... }',
  };
}

/** A word that is no value. */
export function unquoted(word: string): Finding {
  const meant = /^(true|false)$/i.test(word) ? word.toLowerCase() : word.replace(/^env\./i, 'env.');
  return {
    code: 'DR1015',
    message: `"${word}" is text without quotes`,
    fix:
      meant !== word
        ? `write ${meant}`
        : `write "${word}" in double quotes; without them only true, false, numbers and env.NAME are values`,
  };
}

function conceal(finding: Finding): Finding {
  const { title } = CODES[finding.code];
  const fix = 'write env.NAME and keep the value in the secret store';
  return { ...finding, message: `${title}, in the value of a secret`, fix, concealed: true };
}
