import { spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { terraformCommand } from '../lib/tools.mjs';

/** Terraform in a folder, with these providers and nothing of the caller's settings. */
export function runTerraform(args, cwd, stubs) {
  const [command, ...prefix] = terraformCommand();
  const env = environment(stubs);
  return new Promise((done, failed) => {
    let output = '';
    const child = spawn(command, [...prefix, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', failed);
    child.on('close', (code) => done({ code, output }));
  });
}

/** Nothing of the caller's terraform settings or variables; no update check. */
function environment(stubs) {
  const reattach = Object.fromEntries(stubs.map((stub) => [stub.address, stub.reattach]));
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TF_'));
  return {
    ...Object.fromEntries(inherited),
    TF_REATTACH_PROVIDERS: JSON.stringify(reattach),
    TF_CLI_CONFIG_FILE: devNull,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
}
