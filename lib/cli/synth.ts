import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { countBySeverity } from '../diagnostics';
import type { Diagnostic } from '../diagnostics';
import type { ProtectionPlan } from '../plan';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { BadInvocation, load } from './load';
import type { SpecOptions } from './load';
import { needPlan } from './need-plan';
import { hostsText } from './host-files';
import { nextSteps } from './next-steps';
import { siteFiles, siteFolder } from './site-files';
import { foreignFiles, swapInto } from './swap';
import { synthesize } from './synthesize';
import type { Synthesis, TemplateFault } from './synthesize';

export interface SynthOptions extends SpecOptions {
  readonly out: string;
}

/** `hypdr synth`: everything into a folder beside the last one, swapped at the end; says what it wrote and what to run. */
export async function synth(paths: readonly string[], options: SynthOptions, host: Host): Promise<ExitCode> {
  const out = resolve(host.cwd, options.out);
  const foreign = foreignFiles(out);
  if (foreign.length > 0) {
    throw new BadInvocation(
      `${options.out} holds files that no synth wrote (${foreign.slice(0, 5).join(', ')}): give an empty folder to --out`,
    );
  }
  const compiled = load(paths, options, host);
  const answer = needPlan(compiled, host);
  if ('exit' in answer) return answer.exit;
  sayFindings(compiled.diagnostics, host);
  mkdirSync(dirname(out), { recursive: true });
  const beside = mkdtempSync(join(dirname(out), `.${basename(out)}-`));
  try {
    const synthesis = await synthesize(compiled, answer.plan, {
      folder: join(beside, 'out'),
      packageRoot: host.packageRoot,
    });
    if (synthesis.faults.length > 0 || synthesis.trace.lost.length > 0) {
      host.stderr(faultText(synthesis));
      return EXIT.bug;
    }
    const { orphans } = swapInto(out, join(beside, 'out'));
    host.stdout(summary(relative(host.cwd, out) || '.', synthesis, orphans));
    host.stdout(backfillText(answer.plan));
    host.stdout(hostsText(answer.plan, join(relative(host.cwd, out) || '.', 'hosts')));
    host.stdout(primaryText(answer.plan, relative(host.cwd, out) || '.'));
    return EXIT.fine;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

function sayFindings(diagnostics: readonly Diagnostic[], host: Host): void {
  const { warning, note } = countBySeverity(diagnostics);
  if (warning + note > 0) host.stderr(`${warning} warnings and ${note} notes: hypdr check shows them\n`);
}

/** Objects that are older than a replication rule are not replicated by it: how to copy them once. */
function backfillText(plan: ProtectionPlan): string {
  const sources = plan.aws.flatMap((stack) =>
    stack.buckets.flatMap(({ name, replication }) => (replication ? [{ stack, name, replication }] : [])),
  );
  return sources
    .map(({ stack, name, replication }) => {
      const destinations = [...new Set(replication.rules.map((rule) => rule.bucket))].join(', ');
      const output = `Stacks[0].Outputs[?contains(Description, '${name} ')].OutputValue`;
      return [
        `objects that are in ${name} before its replication rule are not replicated to ${destinations};`,
        'where there are any, run what this prints once after the deployment:',
        `  aws cloudformation describe-stacks --region ${stack.region} --stack-name ${stack.name} --output text --query "${output}"`,
        '',
      ].join('\n');
    })
    .join('');
}

/** A site follows nothing until the primary's owner has done something there. */
function primaryText({ sites }: ProtectionPlan, out: string): string {
  const pages = sites
    .filter((site) => Object.keys(siteFiles(site)).length > 0)
    .map((site) => `  ${join(out, 'sites', siteFolder(site), 'primary.md')}\n`);
  return pages.length === 0 ? '' : `what the primary has to run for the sites that follow it:\n${pages.join('')}`;
}

function faultText({ faults, trace }: Synthesis): string {
  const lines = faults.map(
    ({ stack, resource, rule, message }: TemplateFault) => `${stack} ${resource}: ${rule} ${message}`,
  );
  const lost = trace.lost.map((id) => `${id}: in the plan, and in no template`);
  return ['the templates are not sound; nothing was written', ...lines, ...lost, ''].join('\n');
}

function summary(out: string, { stacks, deployed, trace }: Synthesis, orphans: readonly string[]): string {
  const built = trace.leaves.filter((leaf) => leaf.becomes.length > 0).length;
  return [
    `wrote ${out}`,
    ...stacks.aws.map((name) => `  aws/${name}.template.json`),
    ...stacks.terraform.map((name) => `  terraform/stacks/${name}/cdk.tf.json`),
    '  tasks, plan.json, trace.json',
    `${built} of ${trace.leaves.length} values of the spec became something; hypdr trace shows each`,
    ...orphans.map(
      (name) =>
        `terraform/stacks/${name} is no longer in the spec; its state was kept: destroy it there, or move the state`,
    ),
    '',
    ...nextSteps({ out, ...deployed }),
    '',
  ].join('\n');
}
