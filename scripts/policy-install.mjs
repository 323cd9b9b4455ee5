/** Makes the virtual environment that `npm run test:policy` uses, once for each set of pins. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CONSTRAINTS, REQUIREMENTS, toolsFolder } from './lib/tools.mjs';

const folder = toolsFolder();
const done = path.join(folder, 'installed');
if (!existsSync(done)) {
  rmSync(folder, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const pip = [path.join(folder, 'bin/pip'), 'install', '--quiet', '--no-input', '-r', REQUIREMENTS, '-c', CONSTRAINTS];
  execFileSync(pip[0], pip.slice(1), { stdio: 'inherit' });
  // The last step: a folder without it was left by an installation that was cut off.
  writeFileSync(done, '');
}
console.log(folder);
