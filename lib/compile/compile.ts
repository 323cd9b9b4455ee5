import { Collector, hasErrors, parentPath, sortDiagnostics } from '../diagnostics';
import type { Diagnostic, DiagnosticCode, Finding, SourceFile, Span } from '../diagnostics';
import { resolve } from '../plan';
import type { ProtectionPlan } from '../plan';
import { BLOCK_NAMES, checkSpec, decodeSpec } from '../spec';
import type { Environment, Spec } from '../spec';
import { leavesOf, locate, parseFiles, spansOf } from '../syntax';
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

/**
 * Findings that something is missing. Where a part of the spec was refused or could not be read, it may well be that
 * part, so they wait until it is mended.
 */
const ABOUT_ABSENCE: readonly DiagnosticCode[] = ['DR2030', 'DR2033', 'DR3001', 'DR3005', 'DR3006', 'DR3052', 'DR3053'];

/** The one pipeline of every program here: text and environment to plan and diagnostics. */
export function compile(files: readonly SourceFile[], options: CompileOptions): Compiled {
  const parsing = new Collector();
  const tree = parseFiles(files, BLOCK_NAMES, parsing.report);
  const spans = spansOf(tree);
  const place = (path: string) => locate(spans, path);
  const decoding = new Collector(place);
  const { spec, broken } = decodeSpec(tree, options.environment, decoding);

  // Later stages speak about a typed spec: what was refused already is not refused again in other words.
  const isBroken = touching(broken);
  const incomplete = hasErrors([...parsing.diagnostics, ...decoding.diagnostics]);
  const isNew = ({ code, path = '' }: Finding) => !(incomplete && ABOUT_ABSENCE.includes(code)) && !isBroken(path);
  const checking = new Collector(place);
  checkSpec(spec, (finding) => {
    if (isNew(finding)) checking.report(finding);
  });
  const early = [...(options.reading ?? []), ...parsing.diagnostics, ...decoding.diagnostics, ...checking.diagnostics];
  const planning = new Collector(place);
  const plan = resolve(spec, {
    report: (finding) => {
      if (isNew(finding)) planning.report(finding);
    },
    unset: options.unset,
  });
  // With errors before it, a plan is only good for the errors that it finds itself.
  const late = hasErrors(early) ? planning.diagnostics.filter((one) => one.severity === 'error') : planning.diagnostics;
  const marked = acknowledge([...early, ...late], spec.deployment, options.today, checking.report);
  const afterwards = checking.diagnostics.filter((one) => one.code === 'DR3050');
  const diagnostics = sortDiagnostics([...marked, ...afterwards]);
  return { spec, plan: hasErrors(diagnostics) ? undefined : plan, diagnostics, leaves: leavesOf(tree), locate: place };
}

/** Tells whether a path is one of these, lies under one, or holds one. */
function touching(paths: ReadonlySet<string>): (path: string) => boolean {
  const above = new Set<string>();
  for (const one of paths) {
    for (let at = one; at !== '' && !above.has(at); at = parentPath(at)) above.add(at);
  }
  return (path) => {
    if (above.has(path)) return true;
    for (let at = parentPath(path); at !== ''; at = parentPath(at)) if (paths.has(at)) return true;
    return false;
  };
}
