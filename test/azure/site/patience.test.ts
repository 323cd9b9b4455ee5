import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { patiently } from '../../../lib/azure/site/patience';
import { leaveScript } from '../../../lib/azure/site/restore-machine';

test.each([
  ['works at once', '0', '600', 0, 1],
  ['works after a while', '75 75 0', '600', 0, 3],
  ['will not work', '75 78', '600', 78, 2],
  ['is given up', '75', '-1', 75, 1],
])('a command that %s', (_, codes, seconds, ends, count) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-patience-'));
  try {
    const tries = path.join(folder, 'tries');
    writeFileSync(tries, '');
    const command = path.join(folder, 'command');
    const body = `#!/bin/bash\necho x >>${tries}\ncodes=(${codes})\nexit "\${codes[$(($(wc -l <${tries}) - 1))]}"\n`;
    writeFileSync(command, body, { mode: 0o755 });
    const script = ['set -euo pipefail', ...patiently(command, seconds, 0), 'echo done'].join('\n');
    const { status, stdout } = spawnSync('bash', ['-c', script], { env: { PATH: process.env.PATH } });
    expect([status, stdout.toString().includes('done')]).toEqual([ends, ends === 0]);
    expect(readFileSync(tries, 'utf8')).toBe('x\n'.repeat(count));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a machine whose first start never installed anything has nothing to stop', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-leave-'));
  const leaves = () => {
    const { status, stdout } = spawnSync('bash', ['-c', leaveScript('hypdr-standby', folder)], {
      env: { PATH: process.env.PATH },
    });
    return [status, stdout.toString()];
  };
  try {
    expect(leaves()).toEqual([0, 'there is no database to stop\n']);
    writeFileSync(path.join(folder, 'hypdr-standby'), '#!/bin/bash\necho "did $*"\nexit 3\n', { mode: 0o755 });
    expect(leaves()).toEqual([3, 'did leave\n']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
