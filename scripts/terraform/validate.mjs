import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { terraformCommand } from '../lib/tools.mjs';
import { serveStub } from './stub-provider.mjs';

/**
 * Runs `terraform init` and `terraform validate` on copies of the stacks' folders, with schema-only providers.
 * Finds misspelt, missing and mistyped arguments, dangling references and bad expressions; what only a real provider
 * refuses is a rule of lib/terraform's.
 */
export async function validateStacks(folders) {
  const [command, ...prefix] = terraformCommand();
  const stubs = await Promise.all(
    [...bindingsNeeded(folders)].map(([name, bindings]) => serveStub(name, [...bindings])),
  );
  const env = environment(Object.fromEntries(stubs.map(({ address, reattach }) => [address, reattach])));
  const scratch = mkdtempSync(path.join(tmpdir(), 'terraform-validate-'));
  try {
    const results = [];
    for (const folder of folders) {
      const copy = path.join(scratch, path.basename(folder));
      cpSync(folder, copy, { recursive: true });
      results.push({ folder, ...(await initAndValidate((args) => run(command, [...prefix, ...args], copy, env))) });
    }
    return results;
  } finally {
    for (const stub of stubs) stub.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Folder names of the bindings that the stacks use, by provider. */
function bindingsNeeded(folders) {
  const needed = new Map();
  for (const folder of folders) {
    const {
      provider = {},
      resource = {},
      data = {},
    } = JSON.parse(readFileSync(path.join(folder, 'cdk.tf.json'), 'utf8'));
    const add = (name, binding) => needed.set(name, (needed.get(name) ?? new Set(['provider'])).add(binding));
    for (const name of Object.keys(provider)) add(name, 'provider');
    for (const type of Object.keys(resource)) add(...splitType(type));
    for (const type of Object.keys(data)) {
      const [name, binding] = splitType(type);
      add(name, `data-${name}-${binding}`);
    }
  }
  // Terraform's own `terraform_data` and `terraform_remote_state` need no provider.
  needed.delete('terraform');
  return needed;
}

/** `azurerm_storage_account` is the binding `storage-account` of `azurerm`. */
function splitType(type) {
  const [provider, ...rest] = type.split('_');
  return [provider, rest.join('-')];
}

/** Nothing of the caller's terraform settings or variables; no update check. */
function environment(reattach) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TF_'));
  return {
    ...Object.fromEntries(inherited),
    TF_REATTACH_PROVIDERS: JSON.stringify(reattach),
    TF_CLI_CONFIG_FILE: devNull,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
}

async function initAndValidate(terraform) {
  for (const args of [
    ['init', '-backend=false', '-input=false', '-no-color'],
    ['validate', '-no-color'],
  ]) {
    const { code, output } = await terraform(args);
    if (code !== 0) return { ok: false, output: `terraform ${args[0]}\n${output}` };
    // A warning of validate is a finding too; of init, the reattached provider itself is one.
    if (args[0] === 'validate' && /^\W*Warning:/m.test(output)) return { ok: false, output };
  }
  return { ok: true, output: '' };
}

function run(command, args, cwd, env) {
  return new Promise((done, failed) => {
    let output = '';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', failed);
    child.on('close', (code) => done({ code, output }));
  });
}
