import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { version } from '../package.json';
import { isForLibraries } from '../lib/runner/library-environment';
import type { Machine } from '../lib/runner/machine';
import { run } from '../lib/runner/program';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(signal)));

/** The run's own copy: what the libraries start by themselves inherits no more of the process than they need. */
const env = { ...process.env };
for (const name of Object.keys(env)) if (!isForLibraries(name)) delete process.env[name];

const machine: Machine = {
  environment: env,
  now: () => new Date(),
  seconds: () => performance.now() / 1000,
  wait: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, { signal });
  },
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  stateFolder: env.HYPDR_STATE ?? '/var/lib/hypnoscript-dr',
  log: ({ level, event, message, ...fields }) => {
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, message, ...fields })}\n`);
  },
  signal: stop.signal,
  version,
};

const output = {
  stdout: (text: string) => void process.stdout.write(text),
  stderr: (text: string) => void process.stderr.write(text),
};

run(process.argv.slice(2), machine, output).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `hypdr-runner: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
