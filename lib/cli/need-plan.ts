import { hasErrors, paintFor, renderText } from '../diagnostics';
import type { Compiled } from '../compile';
import type { ProtectionPlan } from '../plan';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';

/** The plan of a compiled spec, or the exit code after saying on stderr why there is none. */
export function needPlan(
  compiled: Compiled,
  host: Host,
): { readonly plan: ProtectionPlan } | { readonly exit: ExitCode } {
  if (compiled.plan) return { plan: compiled.plan };
  const errors = compiled.diagnostics.filter((one) => one.severity === 'error');
  if (hasErrors(errors)) {
    host.stderr(renderText(errors, paintFor(host.colour)));
  } else {
    host.stderr('the spec has no block "backup", so there is nothing to plan\n');
  }
  return { exit: EXIT.specErrors };
}
