import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { version } from '../package.json';
import { isForLibraries } from '../lib/runner/library-environment';
import type { Machine } from '../lib/runner/machine';
import { printable } from '../lib/runner/printable';
import { run } from '../lib/runner/program';
import { statusLine } from '../lib/runner/progress/status-line';

/** A run cleans up within ten seconds of a signal; whatever still hangs then ends with the process. */
const END_MILLISECONDS = 9500;

/** When all is said and done, an idle connection does not keep the process alive. */
const LINGER_MILLISECONDS = 2000;

const { stdout, stderr } = process;
const stop = new AbortController();
// Each of many requests at once listens to a signal while it lasts: to Node more than ten look like a leak, and it would warn.
setMaxListeners(100);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // A terminal signals the whole group, and whoever started this one may pass it on: a second one changes nothing.
  process.on(signal, () => {
    if (stop.signal.aborted) return;
    stop.abort(new Error(signal));
    setTimeout(() => process.exit(130), END_MILLISECONDS).unref();
  });
}

// The SDK says on stderr, once in each process, that versions of next year will need Node 22: its version is ours to choose.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** The run's own copy: what the clouds' libraries start by themselves inherits no more of the process than they need. */
const env = { ...process.env };
for (const name of Object.keys(env)) if (!isForLibraries(name, env)) delete process.env[name];

const line =
  stderr.isTTY && env.TERM !== 'dumb'
    ? statusLine(
        (text) => void stderr.write(text),
        () => stderr.columns,
      )
    : undefined;

/** Lines go above the line that shows progress, on both outputs: a terminal has one place for them. */
function writer(stream: NodeJS.WriteStream): (text: string) => void {
  const write = (text: string) => void stream.write(printable(text));
  return line ? (text) => line.above(() => write(text)) : write;
}

/** What is printed may go nowhere, to a full disk or a reader that left: the exit code says what came of the run. */
for (const stream of [stdout, stderr]) {
  stream.once('error', ({ message }) => {
    stream.on('error', () => undefined);
    if (stream === stdout) stderr.write(`hypdr-runner: the output is lost: ${message}\n`);
  });
}

const output = { stdout: writer(stdout), stderr: writer(stderr) };
/** https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html; other systems say no such thing. */
function bootOfHost(): Machine['boot'] {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return () => ({ id, seconds: uptime() });
  } catch {
    return undefined;
  }
}

const machine: Machine = {
  environment: env,
  now: () => new Date(),
  seconds: () => performance.now() / 1000,
  boot: bootOfHost(),
  wait: async (milliseconds, signal) => {
    // Whoever gave the signal knows it, and looks.
    await wait(milliseconds, undefined, { signal }).catch(() => undefined);
  },
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  stateFolder: env.HYPDR_STATE ?? '/var/lib/hypnoscript-dr',
  log: ({ level, event, message, ...fields }) => {
    output.stderr(`${JSON.stringify({ time: new Date().toISOString(), level, event, message, ...fields })}\n`);
  },
  status: line,
  signal: stop.signal,
  version,
  program: process.argv[1],
};

run(process.argv.slice(2), machine, output).then(
  (code) => {
    process.exitCode = code;
    setTimeout(() => process.exit(), LINGER_MILLISECONDS).unref();
  },
  (error: unknown) => {
    line?.clear();
    output.stderr(
      `hypdr-runner: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
