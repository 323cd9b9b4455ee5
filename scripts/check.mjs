/** The static checks, each with its time; what a check prints is shown only when it fails. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const CHECKS = [
  ['types', ['npx', 'tsc', '--noEmit', '-p', '.']],
  ['lint', ['npx', 'eslint', '.']],
  ['format', ['npx', 'prettier', '--check', '--log-level', 'warn', '.']],
  ['import rules', ['npx', 'depcruise', '--config', '.dependency-cruiser.cjs', 'lib', 'bin', 'stacks', 'test']],
  ['lockfile', ['node', 'scripts/check-lockfile.mjs']],
  ['paths', ['node', 'scripts/check-paths.mjs']],
  ...('docs:check' in scripts ? [['generated documents', ['npm', 'run', '--silent', 'docs:check']]] : []),
  ['golden templates', ['node', 'scripts/golden.mjs']],
];

let failed = 0;
for (const [name, [command, ...args]] of CHECKS) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  const seconds = (Number(process.hrtime.bigint() - start) / 1e9).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status === 0) continue;
  failed += 1;
  console.log(stdout + stderr);
}
process.exitCode = failed === 0 ? 0 : 1;
