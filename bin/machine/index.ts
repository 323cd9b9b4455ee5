import { join } from 'node:path';
import { version } from '../../package.json';
import type { Host } from '../../lib/cli/host';

/** The real machine: the only place where the environment and the clock are read. */
export function machine(): Host {
  const { env, stdout } = process;
  return {
    cwd: process.cwd(),
    environment: env,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    colour: stdout.isTTY && !env.NO_COLOR ? 'colour' : 'plain',
    today: new Date().toISOString().slice(0, 10),
    version,
    packageRoot: join(__dirname, '../..'),
  };
}

/** Bugs throw: the stack trace belongs into a report, and the exit code says so. */
export function bug(error: unknown): void {
  process.stderr.write(
    `hypdr: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
