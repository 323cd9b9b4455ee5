import type { CODES } from './codes';
import type { Span } from './source';

export type Severity = 'error' | 'warning' | 'note';
export type DiagnosticCode = keyof typeof CODES;

/** One thing found in the spec, as a value: collected, never thrown. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Path in the spec, such as `backup.cloud.aws_s3.bucket`; empty for a whole file. */
  readonly path: string;
  readonly span: Span | undefined;
  /** What was found: lower case, no final full stop, in the user's own words and units. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  /** Other places that belong to it, such as the first of two equal keys. */
  readonly related: readonly RelatedPlace[];
  /** The place holds a secret in plain text: its line is never shown. */
  readonly concealed?: true;
  /** Reason of an acknowledgement in the spec; an acknowledged finding is shown and never fails. */
  readonly acknowledged?: string;
}

export interface RelatedPlace {
  readonly span: Span;
  readonly message: string;
}

/** What a check hands in; severity comes from the code's registration. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly path?: string;
  readonly span?: Span;
  readonly message: string;
  readonly fix: string;
  readonly related?: readonly RelatedPlace[];
  /** Overrides the code's severity, for findings that `--strict-env` turns into errors. */
  readonly severity?: Severity;
  /** The place holds a secret in plain text: its line is never shown, and message and fix do not quote it. */
  readonly concealed?: true;
}

export type Report = (finding: Finding) => void;
