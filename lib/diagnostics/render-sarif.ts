import { CODES } from './codes';
import type { Diagnostic, Severity } from './diagnostic';
import { positionAt } from './source';
import type { Span } from './source';

const LEVEL: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'note' };

/**
 * SARIF 2.1.0, for code scanning services and editors.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function toSarif(diagnostics: readonly Diagnostic[], version: string): object {
  const codes = [...new Set(diagnostics.map((one) => one.code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'hypdr',
            version,
            rules: codes.map((code) => ({
              id: code,
              shortDescription: { text: CODES[code].title },
              fullDescription: { text: CODES[code].explain },
              defaultConfiguration: { level: LEVEL[CODES[code].severity] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((one) => ({
          ruleId: one.code,
          level: LEVEL[one.severity],
          message: { text: one.fix ? `${one.message}. Fix: ${one.fix}` : one.message },
          locations: one.span ? [location(one.span, one.path)] : [],
          relatedLocations: one.related.map((other) => ({
            ...location(other.span, ''),
            message: { text: other.message },
          })),
          ...(one.acknowledged === undefined
            ? {}
            : { suppressions: [{ kind: 'inSource', justification: one.acknowledged }] }),
        })),
      },
    ],
  };
}

function location(span: Span, path: string): object {
  const start = positionAt(span.file, span.start);
  const end = positionAt(span.file, span.end);
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(span.file.name) },
      region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
    },
    ...(path ? { logicalLocations: [{ fullyQualifiedName: path }] } : {}),
  };
}
