import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';

const TOOLS = path.resolve(__dirname, '../../../scripts/lib/tools.mjs');

/** Terraform in a folder with one file and nothing else: no provider, no state, nothing of the caller's settings. */
export function inTerraform<T>(
  file: object,
  use: (
    run: (args: readonly string[], input?: string) => { stdout: string; stderr: string; status: number | null },
  ) => T,
): T {
  const [command = '', ...prefix] = terraformCommand();
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-terraform-'));
  try {
    writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify(file));
    const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: devNull };
    return use((args, input = '') =>
      spawnSync(command, [...prefix, `-chdir=${folder}`, ...args], { input, encoding: 'utf8', env }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function terraformCommand(): readonly string[] {
  const code = `import { terraformCommand } from ${JSON.stringify(TOOLS)}; console.log(JSON.stringify(terraformCommand()));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}
