import { hasErrors, isAtLeast, paintFor, renderText, toJson, toSarif } from '../diagnostics';
import type { Diagnostic, Severity } from '../diagnostics';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { load } from './load';
import type { SpecOptions } from './load';

export interface CheckOptions extends SpecOptions {
  readonly format: 'text' | 'json' | 'sarif';
  readonly failOn: Severity | 'none';
}

/** `hypdr check`: findings on stdout, worst first. */
export function check(paths: readonly string[], options: CheckOptions, host: Host): ExitCode {
  const { diagnostics } = load(paths, options, host);
  host.stdout(render(diagnostics, options.format, host));
  return exitOf(diagnostics, options.failOn);
}

function render(diagnostics: readonly Diagnostic[], format: CheckOptions['format'], host: Host): string {
  switch (format) {
    case 'text':
      return renderText(diagnostics, paintFor(host.colour));
    case 'json':
      return `${JSON.stringify(toJson(diagnostics), null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(toSarif(diagnostics, host.version), null, 2)}\n`;
  }
}

function exitOf(diagnostics: readonly Diagnostic[], failOn: CheckOptions['failOn']): ExitCode {
  if (hasErrors(diagnostics)) return EXIT.specErrors;
  if (failOn === 'none') return EXIT.fine;
  const open = diagnostics.filter((one) => one.acknowledged === undefined);
  return open.some((one) => isAtLeast(one.severity, failOn)) ? EXIT.findings : EXIT.fine;
}
