import { Collector, hasErrors, isUnder, sortDiagnostics } from '../diagnostics';
import type { Diagnostic, SourceFile, Span } from '../diagnostics';
import { resolve } from '../plan';
import type { ProtectionPlan } from '../plan';
import { BLOCK_NAMES, checkSpec, decodeSpec } from '../spec';
import type { Environment, Spec } from '../spec';
import { leavesOf, parseFiles } from '../syntax';
import type { Leaf } from '../syntax';
import { acknowledge } from './acknowledge';

export interface CompileOptions {
  readonly environment: Environment;
  /** Variables of keys and URLs that are not set are errors. */
  readonly unset: 'warning' | 'error';
  /** The day by which acknowledgements are judged, `YYYY-MM-DD`. */
  readonly today: string;
  /** Findings of reading the files. */
  readonly reading?: readonly Diagnostic[];
}

export interface Compiled {
  readonly spec: Spec;
  /** There exactly when there are no errors and the spec names backups. */
  readonly plan: ProtectionPlan | undefined;
  /** Worst first. */
  readonly diagnostics: readonly Diagnostic[];
  readonly leaves: readonly Leaf[];
  readonly locate: (path: string) => Span | undefined;
}

/** The one pipeline of every program here: text and environment to plan and diagnostics. */
export function compile(files: readonly SourceFile[], options: CompileOptions): Compiled {
  const reading = new Collector();
  const tree = parseFiles(files, BLOCK_NAMES, reading.report);
  const { spec, broken, locate } = decodeSpec(tree, options.environment, reading);

  // Later stages speak about a typed spec: what was refused already is not refused again in other words.
  const checking = new Collector(locate);
  const brokenPaths = [...broken];
  const known = (path: string) => brokenPaths.some((one) => isUnder(path, one) || isUnder(one, path));
  checkSpec(spec, (finding) => {
    if (!known(finding.path ?? '')) checking.report(finding);
  });
  const early = [...(options.reading ?? []), ...reading.diagnostics, ...checking.diagnostics];
  const planning = new Collector(locate);
  const plan = resolve(spec, {
    report: (finding) => {
      if (!known(finding.path ?? '')) planning.report(finding);
    },
    unset: options.unset,
  });
  // With errors before it, a plan is only good for the errors that it finds itself.
  const late = hasErrors(early) ? planning.diagnostics.filter((one) => one.severity === 'error') : planning.diagnostics;
  const marked = acknowledge([...early, ...late], spec.deployment, options.today, checking.report);
  const afterwards = checking.diagnostics.filter((one) => one.code === 'DR3050');
  const diagnostics = sortDiagnostics([...marked, ...afterwards]);
  return { spec, plan: hasErrors(diagnostics) ? undefined : plan, diagnostics, leaves: leavesOf(tree), locate };
}
