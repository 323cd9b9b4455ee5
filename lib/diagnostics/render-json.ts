import type { Diagnostic, Severity } from './diagnostic';
import { countBySeverity } from './render-text';
import { positionAt } from './source';

/** One finding of `hypdr check --format json`. Line and column count from 1; 0 where there is no place. */
export interface JsonFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
  readonly acknowledged?: string;
}

export interface JsonFindings {
  readonly findings: readonly JsonFinding[];
  readonly summary: Readonly<Record<Severity, number>> & { readonly acknowledged: number };
}

export function toJson(diagnostics: readonly Diagnostic[]): JsonFindings {
  return {
    findings: diagnostics.map(toJsonFinding),
    summary: {
      ...countBySeverity(diagnostics),
      acknowledged: diagnostics.filter((one) => one.acknowledged !== undefined).length,
    },
  };
}

function toJsonFinding(one: Diagnostic): JsonFinding {
  const at = one.span ? positionAt(one.span.file, one.span.start) : { line: 0, column: 0 };
  return {
    code: one.code,
    severity: one.severity,
    path: one.path,
    file: one.span?.file.name ?? '',
    ...at,
    message: one.message,
    fix: one.fix,
    ...(one.acknowledged === undefined ? {} : { acknowledged: one.acknowledged }),
  };
}
