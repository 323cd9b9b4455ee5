import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onlyAsked } from './asked.mjs';
import { bindingsNeeded } from './bindings-needed.mjs';
import { differences, withValue } from './differences.mjs';
import { runTerraform } from './run.mjs';
import { serveStub } from './stub-provider.mjs';

/**
 * Applies a stack to a cloud that is none, changes there what `looks` say one after the other, and says for each what
 * Terraform's own plan would change then: `ADDRESS: PATH`. Where a look says so, another template is deployed, or it
 * ignores nothing.
 */
export async function redeploy({ template, variables, looks }) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'terraform-redeploy-'));
  const folder = path.join(scratch, 'stack');
  mkdirSync(folder);
  const write = (one) => writeFileSync(path.join(folder, 'cdk.tf.json'), JSON.stringify(one));
  write(template);
  writeFileSync(path.join(folder, 'terraform.tfvars.json'), JSON.stringify(variables));
  const stubs = await Promise.all(
    [...bindingsNeeded([folder])].map(([name, bindings]) => serveStub(name, [...bindings], onlyAsked(template))),
  );
  const terraform = async (codes, ...args) => {
    const { code, output } = await runTerraform([...args, '-no-color'], folder, stubs);
    if (!codes.includes(code)) throw new Error(`terraform ${args[0]} ended with ${code}\n${output}`);
    return { code, output };
  };
  try {
    await terraform([0], 'init', '-input=false');
    await terraform([0], 'apply', '-input=false', '-auto-approve');
    const ids = idsOf(JSON.parse(readFileSync(stateFile(folder, template), 'utf8')));
    const answers = [];
    for (const { changes, ignoresNothing = false, deployed = template } of looks) {
      write(ignoresNothing ? withoutIgnoring(deployed) : deployed);
      const known = changes.map(({ address, values }) => [ids.get(address) ?? missing(address), values]);
      for (const [id, values] of known) for (const { cloud } of stubs) cloud.change(id, changed(values));
      const { code } = await terraform([0, 2], 'plan', '-input=false', '-detailed-exitcode', '-out=planned');
      const { output } = code === 0 ? { output: '{}' } : await terraform([0], 'show', '-json', 'planned');
      answers.push({ code, planned: plannedChanges(JSON.parse(output.slice(output.indexOf('{')))) });
      for (const [id] of known) for (const { cloud } of stubs) cloud.change(id, undefined);
    }
    return answers;
  } finally {
    for (const stub of stubs) stub.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const changed = (values) => (state) => values.reduce((one, [at, value]) => withValue(one, at, value), state);

function missing(address) {
  throw new Error(`${address} is no resource of the state`);
}

const stateFile = (folder, { terraform }) => path.join(folder, terraform?.backend?.local?.path ?? 'terraform.tfstate');

function idsOf({ resources }) {
  const managed = resources.filter(({ mode, instances }) => mode === 'managed' && instances.length === 1);
  return new Map(managed.map(({ type, name, instances }) => [`${type}.${name}`, instances[0].attributes.id]));
}

function withoutIgnoring(template) {
  return JSON.parse(JSON.stringify(template), (key, value) => (key === 'ignore_changes' ? undefined : value));
}

function plannedChanges({ resource_changes: all = [] }) {
  const planned = all.filter(({ mode, change }) => mode === 'managed' && change.actions.join() !== 'no-op');
  return planned.flatMap(({ address, change: { actions, before, after } }) =>
    actions.join() === 'update'
      ? differences(before, after).map((at) => `${address}: ${at}`)
      : `${address}: ${actions}`,
  );
}
