import { CODES, namesSecret } from '../diagnostics';
import type { Finding, Report, SourceFile, Span } from '../diagnostics';

const MOST_ERRORS = 100;

/** Where a parser's findings go: an end after too many, silence while it recovers, nothing quoted from a secret. */
export class SyntaxReport {
  private errors = 0;
  private concealing = false;

  constructor(
    private readonly file: SourceFile,
    private readonly reporter: Report,
  ) {}

  get isFull(): boolean {
    return this.errors >= MOST_ERRORS;
  }

  report(finding: Finding, current: Span): void {
    if (this.isFull) return;
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
    const errors = this.errors;
    this.errors = MOST_ERRORS;
    const answer = step();
    this.errors = errors;
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
      wanted === 'a key'
        ? 'an entry is key: value or key { ... }'
        : 'write a string, a number, true, false, env.NAME, a list or a block',
  };
}

function conceal(finding: Finding): Finding {
  const { title } = CODES[finding.code];
  const fix = 'write env.NAME and keep the value in the secret store';
  return { ...finding, message: `${title}, in the value of a secret`, fix, concealed: true };
}
