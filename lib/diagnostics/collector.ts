import { CODES } from './codes';
import type { Diagnostic, Finding, Report, Severity } from './diagnostic';
import type { Span } from './source';

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Gathers findings of one run. */
export class Collector {
  private readonly found: Diagnostic[] = [];

  /** @param locate finds the span of a spec path for findings that give none */
  constructor(private readonly locate: (path: string) => Span | undefined = () => undefined) {}

  readonly report: Report = (finding: Finding) => {
    const path = finding.path ?? '';
    this.found.push({
      code: finding.code,
      severity: finding.severity ?? CODES[finding.code].severity,
      path,
      span: finding.span ?? (path ? this.locate(path) : undefined),
      message: finding.message,
      fix: finding.fix,
      related: finding.related ?? [],
      ...(finding.concealed && { concealed: finding.concealed }),
    });
  };

  get diagnostics(): readonly Diagnostic[] {
    return this.found;
  }
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === 'error');
}

/** Worst first, then by file, place, code and path: the same order on every machine. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const key = (one: Diagnostic) => one.span?.file.name ?? '';
  return [...diagnostics].sort(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] ||
      compare(key(a), key(b)) ||
      (a.span?.start ?? 0) - (b.span?.start ?? 0) ||
      compare(a.code, b.code) ||
      compare(a.path, b.path) ||
      compare(a.message, b.message),
  );
}

export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return RANK[severity] <= RANK[threshold];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
