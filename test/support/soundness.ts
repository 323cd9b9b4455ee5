import type { SourceFile } from '../../lib/diagnostics';
import { CODES, hasErrors, paintFor, renderText } from '../../lib/diagnostics';
import { compileFiles } from './spec-text';

/** What holds for any text at all; answers what people would read, which is the same each time. */
export function expectSound(...files: readonly SourceFile[]): string {
  const { diagnostics, plan, spec } = compileFiles(files);
  const unsound = diagnostics.filter(({ code, message, span, related }) => {
    const spans = [...(span ? [span] : []), ...related.map((one) => one.span)];
    const inside = spans.every(
      (one) =>
        files.includes(one.file) &&
        one.start >= 0 &&
        one.start <= one.end &&
        one.end <= Math.max(1, one.file.text.length),
    );
    return !(code in CODES) || message.trim() === '' || !inside;
  });
  expect(unsound).toEqual([]);
  if (hasErrors(diagnostics)) expect(plan).toBeUndefined();
  else expect(plan === undefined).toBe(spec.backup === undefined);
  return renderText(diagnostics, paintFor('plain'));
}
