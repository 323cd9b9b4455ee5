import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import type { ListedBackup } from '../../../lib/runner/list';
import type { LogEvent, Machine } from '../../../lib/runner/machine';
import { run } from '../../../lib/runner/program';
import { slotDate } from '../../../lib/runner/slot';
import { copyBundle } from '../bundles';
import { testMachine } from './engine-machine';

/** How a run of the program ended, and all that it said. */
export interface Ran {
  /** `null` where a signal ended it. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly LogEvent[];
}

export interface Host {
  /** Task manifests, and what else a test keeps. */
  readonly folder: string;
  readonly state: string;
  readonly environment: Readonly<Record<string, string>>;
}

export function writeTask({ folder }: Host, task: TaskManifest): string {
  const file = path.join(folder, `${task.name}.json`);
  writeFileSync(file, JSON.stringify(task));
  return file;
}

/** So that ten tries of a request take no minute. */
const LONGEST_WAIT = 5;

/** Milliseconds of the newest slot that a run was given here. */
let newestSlot = 0;

function noteSlot(argv: readonly string[]): void {
  newestSlot = Math.max(newestSlot, slotDate(argv[argv.indexOf('--slot') + 1] ?? '')?.getTime() ?? 0);
}

/** Slots of tests are of days to come: a verifier comes an hour after the newest of them, and finds them in order. */
function timeOf(argv: readonly string[]): Date {
  noteSlot(argv);
  return new Date(Math.max(Date.now(), argv[0] === 'verify' ? newestSlot + 3_600_000 : 0));
}

/** The command line in this process. */
export async function runHere(
  host: Host,
  argv: readonly string[],
  changes: Partial<Pick<Machine, 'now' | 'boot' | 'environment' | 'storeLimits'>> = {},
): Promise<Ran> {
  const machine = {
    ...testMachine({}, () => timeOf(argv)),
    environment: { PATH: process.env.PATH, ...host.environment },
    stateFolder: host.state,
    wait: async (milliseconds: number, signal?: AbortSignal) =>
      void (await wait(Math.min(milliseconds, LONGEST_WAIT), undefined, { signal })),
    ...changes,
  };
  const [out, err]: [string[], string[]] = [[], []];
  const exit = await run(argv, machine, {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
  });
  return { exit, stdout: out.join(''), stderr: err.join(''), events: machine.events };
}

/** What `list` says of each store. */
export async function listed(host: Host, task: string): Promise<readonly ListedBackup[]> {
  const { stdout } = await runHere(host, ['list', '--task', task, '--format', 'json']);
  return (JSON.parse(stdout) as { backups: ListedBackup[] }).backups;
}

/** The program as it is shipped: one file. */
export function bundleRunner(folder: string): string {
  return copyBundle('runner.js', folder);
}

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

export interface ProgramOptions {
  /** Before the program's own file, such as `--require`. */
  readonly node?: readonly string[];
  /** @default - who runs the tests */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly environment?: Readonly<Record<string, string>>;
  /** File descriptor or pipe of its standard output. @default - what comes is in the result */
  readonly stdout?: number;
}

/** The program as a process of its own. */
export function startRunner(
  program: string,
  host: Host,
  argv: readonly string[],
  options: ProgramOptions = {},
): RunningProgram {
  noteSlot(argv);
  const child = spawn(process.execPath, [...(options.node ?? []), program, ...argv], {
    ...options.user,
    env: { PATH: process.env.PATH, HYPDR_STATE: host.state, ...host.environment, ...options.environment },
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (exit) => {
      const stderr = Buffer.concat(err).toString();
      resolve({ exit, stdout: Buffer.concat(out).toString(), stderr, events: eventsIn(stderr) });
    });
  });
  return { child, ended };
}

function eventsIn(text: string): readonly LogEvent[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogEvent);
}
