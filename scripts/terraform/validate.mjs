import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bindingsNeeded } from './bindings-needed.mjs';
import { runTerraform } from './run.mjs';
import { serveStub } from './stub-provider.mjs';

/**
 * Runs `terraform init` and `terraform validate` on copies of the stacks' folders, with schema-only providers.
 * Finds misspelt, missing and mistyped arguments, dangling references and bad expressions; what only a real provider
 * refuses is a rule of lib/terraform's.
 */
export async function validateStacks(folders) {
  const stubs = await Promise.all(
    [...bindingsNeeded(folders)].map(([name, bindings]) => serveStub(name, [...bindings])),
  );
  const scratch = mkdtempSync(path.join(tmpdir(), 'terraform-validate-'));
  try {
    const results = [];
    for (const folder of folders) {
      const copy = path.join(scratch, path.basename(folder));
      cpSync(folder, copy, { recursive: true });
      results.push({ folder, ...(await initAndValidate((args) => runTerraform(args, copy, stubs))) });
    }
    return results;
  } finally {
    for (const stub of stubs) stub.close();
    rmSync(scratch, { recursive: true, force: true });
  }
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
