import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NODE_RELEASE, renderHostScript } from '../../../lib/hosts';

/** What hosts run, read by ShellCheck with every check that it has on. */
const TOOLS = path.resolve(__dirname, '../../../scripts/lib/tools.mjs');

function shellcheck(lines: readonly string[]): readonly string[] {
  const code = `import { pinnedTool } from ${JSON.stringify(TOOLS)}; console.log(pinnedTool('shellcheck'));`;
  const found = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (found.status !== 0) throw new Error(found.stderr);
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-lint-'));
  try {
    const file = path.join(folder, 'script.sh');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const args = ['--norc', '--format=json', '--enable=all', `--exclude=${ACCEPTED.join(',')}`, file];
    const { stdout, stderr } = spawnSync(found.stdout.trim(), args, { encoding: 'utf8' });
    if (!stdout) throw new Error(stderr);
    return (JSON.parse(stdout) as Comment[]).map(
      ({ code: rule, line, message }) => `SC${rule} ${message}: ${lines[line - 1] ?? ''}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Comment {
  readonly code: number;
  readonly line: number;
  readonly message: string;
}

/** Matters of taste: braces around every variable, [[ ]] for [ ], and `set -e` off in conditions, which is what is meant there. */
const ACCEPTED = ['SC2250', 'SC2292', 'SC2310', 'SC2312'];

const script = renderHostScript({
  run: { run: "it's", manifest: 's3://assets/task.json', slot: '20261122T021500Z', runnerSha256: '0'.repeat(64) },
  node: NODE_RELEASE,
  maxParallel: 2,
  environment: { AWS_REGION: 'eu-west-1' },
});

test('the script of hosts has no finding', () => {
  expect(shellcheck(script)).toEqual([]);
});

test('a word without quotes is one', () => {
  const careless = script.map((line) => line.replace('rm -rf "$work"', 'rm -rf $work'));
  expect(shellcheck(careless)).toEqual(expect.arrayContaining([expect.stringContaining('SC2086')]));
});
