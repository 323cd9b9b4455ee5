import type { ProtectionPlan } from '../plan';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { BadInvocation, load } from './load';
import { needPlan } from './need-plan';

/**
 * The plan for an app that a CDK's own command line runs, which hands in the context as JSON: `spec` in it (cdk.json,
 * or `-c spec=PATH`) names the spec, `strict-env` and `today` stand for the options of `hypdr`.
 */
export function planForApp(
  contextJson: string | undefined,
  host: Host,
): { readonly plan: ProtectionPlan } | { readonly exit: ExitCode } {
  const context = JSON.parse(contextJson ?? '{}') as Readonly<Record<string, unknown>>;
  const { spec, today } = context;
  const strictEnv = context['strict-env'] === true || context['strict-env'] === 'true';
  try {
    const compiled = load(
      typeof spec === 'string' ? [spec] : [],
      { strictEnv, ...(typeof today === 'string' && { today }) },
      host,
    );
    return needPlan(compiled, host);
  } catch (error) {
    if (!(error instanceof BadInvocation)) throw error;
    host.stderr(`${error.message}\n`);
    return { exit: EXIT.badInvocation };
  }
}
