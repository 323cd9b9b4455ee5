/**
 * Scans the templates of every example spec: cfn-lint (errors and warnings), checkov on both outputs, terraform validate.
 * Usage: node scripts/policy.mjs [FOLDER], where FOLDER is a synth's output. @default - every spec in `specs`, built anew
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exampleSpecs, synthExample } from './lib/synth.mjs';
import { templatesUnder } from './lib/tree.mjs';
import { cfnLint } from './policy/cfn-lint.mjs';
import { checkov } from './policy/checkov.mjs';
import { Skips } from './policy/skips.mjs';
import { validateStacks } from './terraform/validate.mjs';

const skips = new Skips();
const totals = { passed: 0, failed: 0 };

async function scan(title, out) {
  const templates = templatesUnder(out);
  const aws = templates.filter((file) => file.startsWith('aws/'));
  const terraform = templates.filter((file) => file.startsWith('terraform/'));
  const results = [
    ...(aws.length > 0 ? cfnLint(path.join(out, 'aws')) : []),
    ...checkov(out, aws, 'cloudformation'),
    ...checkov(out, terraform, 'terraform_json'),
    ...(await terraformValidate(out)),
  ];
  if (results.length === 0) throw new Error(`no template in ${title}`);
  for (const { tool, template, findings } of results) report(`${title}: ${tool} ${template}`, findings);
}

async function terraformValidate(out) {
  const stacks = path.join(out, 'terraform/stacks');
  if (!existsSync(stacks)) return [];
  const results = await validateStacks(readdirSync(stacks).map((name) => path.join(stacks, name)));
  return results.map(({ folder, ok, output }) => ({
    tool: 'terraform validate',
    template: path.relative(out, path.join(folder, 'cdk.tf.json')),
    findings: ok ? [] : [{ check: 'validate', resource: '', message: output }],
  }));
}

function report(title, findings) {
  const left = findings.filter((finding) => !skips.accepts(finding));
  totals[left.length === 0 ? 'passed' : 'failed'] += 1;
  const accepted = findings.length - left.length;
  console.log(`${left.length === 0 ? 'ok    ' : 'FAILED'} ${title}${accepted > 0 ? ` (${accepted} accepted)` : ''}`);
  for (const { check, resource, message } of left) console.log(`       ${check} ${resource}: ${message}`);
}

const [given] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (given) await scan(given, given);
else {
  const scratch = mkdtempSync(path.join(tmpdir(), 'policy-'));
  try {
    for (const name of exampleSpecs()) {
      const out = path.join(scratch, name);
      synthExample(name, out);
      await scan(`specs/${name}`, out);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
  report(
    'every skip is still needed',
    skips.unused().map((resource) => ({ check: 'unused', resource, message: 'no finding' })),
  );
}

if (process.env.RESULTS) writeFileSync(process.env.RESULTS, JSON.stringify(totals));
process.exitCode = totals.failed === 0 ? 0 : 1;
