import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from '../../lib/compile';
import type { Compiled } from '../../lib/compile';
import { Collector, paintFor, renderText, sortDiagnostics } from '../../lib/diagnostics';
import type { Diagnostic, SourceFile } from '../../lib/diagnostics';
import { BLOCK_NAMES } from '../../lib/spec';
import type { Environment } from '../../lib/spec';
import { parseFiles } from '../../lib/syntax';
import type { Tree } from '../../lib/syntax';

const SPECS = path.resolve(__dirname, '../../specs');

function specFile(name: string): SourceFile {
  return { name: path.basename(name), text: readFileSync(path.join(SPECS, name), 'utf8') };
}

/** The documentation's spec: 441 values. */
export const SEED = specFile('hypnoscript/runtime-backup-recovery.md');
/** What that spec does not say, all of it commented out. */
export const DEPLOYMENT = specFile('hypnoscript/deployment.hyp');

export function file(text: string, name = 'spec.hyp'): SourceFile {
  return { name, text };
}

export interface TestOptions {
  readonly environment?: Environment;
  readonly unset?: 'warning' | 'error';
}

export function compileFiles(files: readonly SourceFile[], options: TestOptions = {}): Compiled {
  return compile(files, { environment: {}, unset: 'warning', today: '2026-07-01', ...options });
}

export function compileText(text: string, options: TestOptions = {}): Compiled {
  return compileFiles([file(text)], options);
}

export function parseTexts(...texts: readonly (string | SourceFile)[]): {
  readonly tree: Tree;
  readonly diagnostics: readonly Diagnostic[];
} {
  const collector = new Collector();
  const files = texts.map((one) => (typeof one === 'string' ? file(one) : one));
  const tree = parseFiles(files, BLOCK_NAMES, collector.report);
  return { tree, diagnostics: sortDiagnostics(collector.diagnostics) };
}

export function errorsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter((one) => one.severity === 'error');
}

/** Findings as people read them, without the count at the end. */
export function rendered(diagnostics: readonly Diagnostic[]): string {
  const text = renderText(diagnostics, paintFor('plain'));
  return text.slice(0, text.trimEnd().lastIndexOf('\n') + 1).trim();
}

/** Reads the text's syntax and compares what people would read: the line, the underline, the way out. */
export function expectFindings(text: string, expected: string): void {
  expect(rendered(parseTexts(text).diagnostics)).toBe(dedent(expected));
}

/** The same for everything that the whole pipeline calls an error. */
export function expectErrors(text: string, expected: string, options: TestOptions = {}): void {
  expect(rendered(errorsOf(compileText(text, options).diagnostics))).toBe(dedent(expected));
}

/** The text without the margin that its first line has. */
export function dedent(text: string): string {
  const lines = text.replace(/^\n/, '').trimEnd().split('\n');
  const margin = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((line) => line.slice(margin)).join('\n');
}

/** The seed with one piece of its text replaced; the piece must be there. */
export function seedWith(piece: string | RegExp, replacement: string): SourceFile {
  const text = SEED.text.replace(piece, () => replacement);
  if (text === SEED.text) throw new Error(`the seed has no ${String(piece)}`);
  return { ...SEED, text };
}
