import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeSiteEnv } from '../../lib/hosts/site-env';

test('the script leaves the file that an application reads, also where the folder is there already', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-'));
  try {
    const script = writeSiteEnv('10.188.72.10').replaceAll('/etc/hypnoscript-dr', path.join(folder, 'etc'));
    for (let start = 0; start < 2; start += 1) execFileSync('bash', ['-euo', 'pipefail'], { input: script });
    expect(readFileSync(path.join(folder, 'etc/site.env'), 'utf8')).toBe('DATABASE_HOST=10.188.72.10\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
