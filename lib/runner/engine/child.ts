import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import { TalkCapture } from './scrub';

export interface ChildOptions {
  readonly machine: Pick<Machine, 'environment' | 'signal'>;
  /** What this tool needs beside the allow list; secrets travel here or in a file of mode 0600, never in arguments. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Values that are replaced in everything that the tool says. */
  readonly secrets?: readonly string[];
  readonly folder?: string;
  /** Who it runs as, where this process may choose. @default - who runs this process */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Called for each line of stderr as it comes, scrubbed. */
  readonly onTalk?: (line: string) => void;
  /** `open`: the caller writes to it. @default - empty */
  readonly stdin?: 'open' | 'empty';
  /** From the polite end to the forced one. @default - 5 seconds, so that a run ends within ten */
  readonly graceMilliseconds?: number;
}

export interface ChildEnd {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Scrubbed and bounded. */
  readonly stderr: string;
}

export interface Child {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stdin: Writable | null;
  /** Resolves when it has ended and its pipes are closed, whatever its status: the caller judges that. */
  readonly ended: Promise<ChildEnd>;
  /** SIGTERM, then SIGKILL; resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * What every tool gets of this process's environment. All else stays out, so that one engine's password, a store's keys
 * or the operator's own secrets never reach a program that has no use for them.
 */
const ALLOWED = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'USER', 'LOGNAME', 'SystemRoot', 'SYSTEMROOT', 'TEMP', 'TMP'];

/** English messages, which are read for causes. */
const LANGUAGE = { LC_ALL: 'C', LANGUAGE: '' };

export function childEnvironment(options: Pick<ChildOptions, 'machine' | 'environment'>): Record<string, string> {
  const environment: Record<string, string> = { ...LANGUAGE };
  for (const name of ALLOWED) {
    const value = options.machine.environment[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [name, value] of Object.entries(options.environment ?? {})) {
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/**
 * Starts a tool: arguments as an array and no shell. It leads a process group of its own, so that what it starts ends
 * with it. It is ended when the run is.
 * @throws EngineError where there is no such tool, or an argument holds a secret
 */
export async function startChild(file: string, args: readonly string[], options: ChildOptions): Promise<Child> {
  const secrets = (options.secrets ?? []).filter((one) => one.length > 0);
  if (secrets.some((one) => isGiven(one, args))) throw new Error(`a secret among the arguments of ${file}`);
  if (options.machine.signal.aborted) throw new EngineError('retry', `${file} was not started: the run was ended`);
  const tool = spawn(file, [...args], {
    env: childEnvironment(options),
    stdio: [options.stdin === 'open' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    cwd: options.folder,
    ...options.user,
    detached: !isWindows(options),
    windowsHide: true,
  });
  const talk = new TalkCapture(secrets, options.onTalk);
  tool.stderr?.setEncoding('utf8');
  tool.stderr?.on('data', (chunk: string) => talk.add(chunk));
  // Writing to a tool that has ended is seen in its status, not here.
  tool.stdin?.on('error', () => undefined);
  const stop = () => stopProcess(tool, ended, options);
  const ended = new Promise<ChildEnd>((resolve) => {
    tool.once('close', (exitCode, signal) => {
      talk.end();
      options.machine.signal.removeEventListener('abort', onAbort);
      resolve({ exitCode, signal, stderr: talk.text() });
    });
  });
  const onAbort = () => void stop();
  await started(tool, file);
  options.machine.signal.addEventListener('abort', onAbort, { once: true });
  // A signal between the look above and this line is not heard by the listener.
  if (options.machine.signal.aborted) onAbort();
  return { pid: tool.pid ?? 0, stdout: tool.stdout as Readable, stdin: tool.stdin, ended, stop };
}

/** In the shapes in which tools take a password. A user or a database of the same name as the password is none. */
function isGiven(secret: string, args: readonly string[]): boolean {
  return args.some((arg, index) => {
    if (arg === `-p${secret}` || arg === `-P${secret}`) return true;
    if (arg === secret) return /^(-[pP]|--?pass(word|wd)?|--?pwd)$/i.test(args[index - 1] ?? '');
    return arg.includes(secret) && /(pass(word|wd)?|pwd|secret|token)\s*=/i.test(arg.slice(0, arg.indexOf(secret)));
  });
}

function isWindows({ machine }: Pick<ChildOptions, 'machine'>): boolean {
  return machine.environment.OS === 'Windows_NT';
}

function started(process: ChildProcess, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.once('spawn', resolve);
    process.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'is not installed' : `does not start: ${error.code ?? error.message}`;
      reject(new EngineError('config', `${file} ${why}`, `install ${file}, or put it on PATH`, { cause: error }));
    });
  });
}

async function stopProcess(child: ChildProcess, ended: Promise<ChildEnd>, options: ChildOptions): Promise<void> {
  const { graceMilliseconds = 5000 } = options;
  signalGroup(child, 'SIGTERM', options);
  // Output that nobody reads on would keep `close` back for ever.
  child.stdout?.destroy();
  const timer = setTimeout(() => {
    signalGroup(child, 'SIGKILL', options);
    child.stderr?.destroy();
  }, graceMilliseconds);
  await ended;
  clearTimeout(timer);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals, options: ChildOptions): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (isWindows(options)) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

export interface RunChildEnd extends ChildEnd {
  readonly stdout: string;
}

/** Most that is read of a tool that answers a question. */
const LARGEST_ANSWER = 16 * 1024 * 1024;

/** Runs a tool to its end and reads what it says: for small answers. The status is the caller's to judge. */
export async function runChild(file: string, args: readonly string[], options: ChildOptions): Promise<RunChildEnd> {
  const child = await startChild(file, args, options);
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= LARGEST_ANSWER) chunks.push(chunk);
  });
  const end = await child.ended;
  if (bytes > LARGEST_ANSWER)
    throw new EngineError('source', `${file} answered with more than ${LARGEST_ANSWER} bytes`);
  return { ...end, stdout: Buffer.concat(chunks).toString('utf8') };
}

/** A status as text: `exit code 1`, `SIGKILL`. */
export function statusOf({ exitCode, signal }: Pick<ChildEnd, 'exitCode' | 'signal'>): string {
  return signal ?? `exit code ${exitCode}`;
}
