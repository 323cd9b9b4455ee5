import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** Names of the example specs: the folders of `specs`. */
export function exampleSpecs() {
  const folder = path.join(ROOT, 'specs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Only what a process needs to start: whatever else is set here must not show in a template. */
export function bareEnvironment() {
  const { PATH, HOME } = process.env;
  return { PATH, HOME };
}

/** Synthesizes one example with the built program; throws with its output when that fails. */
export function synthExample(name, out) {
  const args = [path.join(ROOT, 'dist/bin/hypdr.js'), 'synth', path.join('specs', name), '--out', out];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: bareEnvironment(),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`hypdr synth specs/${name} ended with ${status}\n${stdout}${stderr}`);
}
