import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import type { AwsFinding } from './validation-report';
import { findingsOf, isFatal } from './validation-report';

const REPORT = 'validation-report.json';

export type AwsSynthesis =
  | { readonly ok: true; readonly assembly: CloudAssembly; readonly findings: readonly AwsFinding[] }
  | { readonly ok: false; readonly findings: readonly AwsFinding[] };

/**
 * Makes the templates and reads what the rules said of them. The library throws a text where its rules fail and lets
 * some mistakes pass as warnings; here both are findings. `ok` comes with the warnings that are none.
 */
export function synthAws(app: App): AwsSynthesis {
  const report = join(app.outdir, REPORT);
  rmSync(report, { force: true });
  forgetTraces(app);
  let assembly: CloudAssembly | undefined;
  let failure: unknown;
  try {
    assembly = app.synth();
  } catch (error) {
    failure = error;
  }
  const findings = existsSync(report) ? findingsOf(JSON.parse(readFileSync(report, 'utf8'))) : [];
  if (findings.some(isFatal)) return { ok: false, findings };
  if (assembly === undefined) throw failure;
  return { ok: true, assembly, findings };
}

/**
 * The library acknowledges rules for its own resources, and notes where in which file of this machine that was: an
 * assembly would differ from machine to machine.
 */
function forgetTraces(app: App): void {
  for (const { node } of app.node.findAll()) {
    for (const entry of node.metadata as { trace?: unknown }[]) delete entry.trace;
  }
}
