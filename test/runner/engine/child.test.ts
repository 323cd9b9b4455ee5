import { readFileSync } from 'node:fs';
import { childEnvironment, runChild, startChild, statusOf } from '../../../lib/runner/engine/child';
import { EngineError } from '../../../lib/runner/engine/engine';

const environment = { PATH: process.env.PATH, HOME: '/nowhere', AWS_SECRET_ACCESS_KEY: 'canary', PGPASSWORD: 'canary' };
const machineOf = (controller = new AbortController()) => ({ environment, signal: controller.signal });

describe('the environment of a tool', () => {
  test('is what every tool needs and what this one is given, and nothing else of ours', () => {
    const machine = { ...machineOf(), environment: { ...environment, TZ: 'UTC' } };
    expect(childEnvironment({ machine, environment: { PGHOST: 'db', PGPORT: undefined } })).toEqual({
      LANGUAGE: '',
      LC_ALL: 'C',
      PATH: process.env.PATH,
      HOME: '/nowhere',
      TZ: 'UTC',
      PGHOST: 'db',
    });
  });

  test('reaches the tool as it is', async () => {
    const { stdout } = await runChild('env', [], { machine: machineOf(), environment: { PGHOST: 'db' } });
    expect(stdout).toContain('PGHOST=db');
    expect(stdout).not.toContain('canary');
  });
});

/** Dead and not yet waited for counts as gone. */
function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a tool', () => {
  test('gets its arguments as they are, without a shell', async () => {
    const odd = ['$HOME', '`id`', '; exit 3', 'a b', '*'];
    const { stdout, exitCode } = await runChild('printf', ['%s\n', ...odd], { machine: machineOf() });
    expect([stdout.trimEnd().split('\n'), exitCode]).toEqual([odd, 0]);
  });

  test('has its status and its scrubbed words reported, whatever they are', async () => {
    const end = await runChild('sh', ['-c', 'echo "no $PASSWORD" >&2; exit 7'], {
      machine: machineOf(),
      environment: { PASSWORD: 'hunter22' },
      secrets: ['hunter22'],
    });
    expect(end).toMatchObject({ exitCode: 7, stderr: 'no ***' });
    expect(statusOf(end)).toBe('exit code 7');
  });

  test('is never given a secret as an argument', async () => {
    const given = [['--password=hunter22', 'x'], ['-phunter22'], ['-P', 'hunter22'], ["user=x password='hunter22'"]];
    for (const args of given) {
      const start = startChild('true', args, { machine: machineOf(), secrets: ['hunter22'] });
      await expect(start).rejects.toThrow(/secret among the arguments/);
    }
  });

  test('may have a user or a database whose name is the password', async () => {
    const options = { machine: machineOf(), secrets: ['root'] };
    const { exitCode } = await runChild('true', ['--user=root', '-U', 'root', '--', 'root'], options);
    expect(exitCode).toBe(0);
  });

  test('that is not installed is a matter of configuration', async () => {
    const error = await startChild('no-such-tool', [], { machine: machineOf() }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ kind: 'config', message: 'no-such-tool is not installed' });
  });

  test('ends with the run, and all that it started with it', async () => {
    const controller = new AbortController();
    const child = await startChild('sh', ['-c', 'sleep 1000 & echo $!; wait'], { machine: machineOf(controller) });
    const sleeper = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
    controller.abort();
    expect(statusOf(await child.ended)).toBe('SIGTERM');
    while (runs(sleeper)) await new Promise((resolve) => setImmediate(resolve));
  });

  test('that ignores the polite end is ended by force', async () => {
    const child = await startChild('sh', ['-c', 'trap "" TERM; echo up; while :; do sleep 0.05; done'], {
      machine: machineOf(),
      graceMilliseconds: 50,
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await child.stop();
    expect(statusOf(await child.ended)).toBe('SIGKILL');
  });

  test('is not started once the run was ended', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(startChild('true', [], { machine: machineOf(controller) })).rejects.toThrow(/not started/);
  });
});
