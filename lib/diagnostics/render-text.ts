import { createColors } from 'picocolors';
import type { Diagnostic, Severity } from './diagnostic';
import { maskSecrets } from './secret';
import { lineText, placeOf, positionAt } from './source';
import type { Span } from './source';

export type Paint = ReturnType<typeof createColors>;

/** Longest piece of a source line that is shown; longer lines are cut around the culprit. */
const SHOWN_WIDTH = 120;
/** How far before the shown piece a secret may have begun that reaches into it. */
const LONGEST_SECRET = 8000;

export function paintFor(colour: 'colour' | 'plain'): Paint {
  return createColors(colour === 'colour');
}

/**
 * Text for people: place, code, what was found, the source line with the culprit underlined, and the way out.
 * Ends with a count by severity.
 */
export function renderText(diagnostics: readonly Diagnostic[], paint: Paint): string {
  const blocks = diagnostics.map((one) => renderOne(one, paint));
  return [...blocks, summaryLine(diagnostics, paint)].join('\n') + '\n';
}

function renderOne(one: Diagnostic, paint: Paint): string {
  const severity = colourOf(one.severity, paint)(one.severity);
  const place = one.span ? placeOf(one.span) : '';
  const accepted = one.acknowledged === undefined ? [] : [paint.dim(`  acknowledged: ${one.acknowledged}`)];
  return [
    `${place ? `${paint.bold(place)} ` : ''}${severity} ${one.code} ${one.message}`,
    ...(one.span && !one.concealed ? underlined(one.span, colourOf(one.severity, paint)) : []),
    ...one.related.map((other) => paint.dim(`  ${placeOf(other.span)}: ${other.message}`)),
    ...(one.path ? [paint.dim(`  at ${one.path}`)] : []),
    ...(one.fix ? [`  fix: ${one.fix}`] : []),
    ...accepted,
    '',
  ].join('\n');
}

function underlined(span: Span, colour: (text: string) => string): string[] {
  const { line, column } = positionAt(span.file, span.start);
  const cut = column > SHOWN_WIDTH ? column - 1 - SHOWN_WIDTH / 2 : 0;
  const before = Math.max(0, cut - LONGEST_SECRET);
  const around = lineText(span.file, line).slice(before, cut + SHOWN_WIDTH);
  const shown = maskSecrets(around.replace(/\t/g, ' ')).slice(cut - before);
  const from = column - 1 - cut;
  const length = Math.max(1, Math.min(span.end - span.start, shown.length - from));
  return [`    ${shown}`, `    ${' '.repeat(from)}${colour('~'.repeat(length))}`];
}

function colourOf(severity: Severity, paint: Paint): (text: string) => string {
  return { error: paint.red, warning: paint.yellow, note: paint.cyan }[severity];
}

function summaryLine(diagnostics: readonly Diagnostic[], paint: Paint): string {
  const { error, warning, note } = countBySeverity(diagnostics);
  const accepted = diagnostics.filter((one) => one.acknowledged !== undefined).length;
  const counts = `${plural(error, 'error')}, ${plural(warning, 'warning')}, ${plural(note, 'note')}`;
  const text = accepted === 0 ? counts : `${counts}; ${accepted} of them acknowledged`;
  return error > 0 ? paint.red(text) : warning > 0 ? paint.yellow(text) : paint.green(text);
}

export function countBySeverity(diagnostics: readonly Diagnostic[]): Record<Severity, number> {
  const count = { error: 0, warning: 0, note: 0 };
  for (const one of diagnostics) count[one.severity] += 1;
  return count;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
