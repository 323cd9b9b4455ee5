import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sampler, leaksInProcess, leaksInText, makeShims } from './canary-watch';

/** What the canary suite sees by: a watch that is blind would find every run clean. */

const canary = { name: 'password', value: 'canary/1 "x"', seenBy: ['pg_dump'] };

test.each([
  ['as it is', 'no canary/1 "x" here'],
  ['in an address', 'postgres://u:canary%2F1%20%22x%22@h'],
  ['in JSON', '{"p":"canary/1 \\"x\\""}'],
  ['in base64', `authorization: ${Buffer.from('canary/1 "x"').toString('base64')}`],
  ['in hexadecimal', Buffer.from('canary/1 "x"').toString('hex')],
])('a secret is found %s', (_, text) => {
  expect(leaksInText(text, 'log', [canary])).toEqual([{ canary: 'password', where: 'log' }]);
  expect(leaksInText('*** here', 'log', [canary])).toEqual([]);
});

test('a secret is found among the arguments of any program, and in the environment of one that does not need it', () => {
  const environment = 'PGPASSWORD=canary/1 "x"\0';
  const wrapped = ['/usr/bin/perl', '-w', '/usr/bin/pg_dump', '--version'];
  expect(leaksInProcess({ argv: wrapped, environment }, [canary])).toEqual([]);
  expect(leaksInProcess({ argv: ['tar', '-c'], environment }, [canary])).toHaveLength(1);
  expect(leaksInProcess({ argv: ['pg_dump', '--password=canary/1 "x"'], environment: '' }, [canary])).toHaveLength(1);
});

test('programs are seen by the sampler while they live, and by their stand-ins however short that is', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-watch-'));
  try {
    const shims = makeShims(folder, { uname: '/bin/uname' });
    const script = 'X=canary-short uname -m; X=canary-long sleep 0.5';
    const runner = spawn('/bin/sh', ['-c', script], { env: { PATH: `${shims.bin}:/usr/bin:/bin` }, stdio: 'ignore' });
    const sampler = new Sampler();
    expect(await sampler.watch(runner.pid ?? 0, once(runner, 'close'))).toBeGreaterThan(5);
    expect(
      sampler.seen.some(({ argv, environment }) => argv[0] === 'sleep' && environment.includes('canary-long')),
    ).toBe(true);
    expect(shims.take()).toEqual([
      {
        argv: ['/bin/sh', path.join(shims.bin, 'uname'), '-m'],
        environment: expect.stringContaining('X=canary-short') as string,
      },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
