import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port';
import { GiveUp, until } from './until';

const READY_WITHIN = 60_000;
const STOPPED_WITHIN = 20_000;
const PORT_TAKEN = /address already in use|EADDRINUSE|already in use/i;

/** How one server is started in its own folder. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The user that the process runs as. @default - the one that runs the tests */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What asks for an orderly end. @default - SIGTERM */
  readonly stopSignal?: NodeJS.Signals;
}

export interface RunningServer {
  readonly port: number;
  /** All that it stores, and its log; gone after `stop`. */
  readonly folder: string;
  readonly pid: number;
  /** What the process printed. */
  log(): string;
  /** Ends it in an orderly way and removes its folder. */
  stop(): Promise<void>;
  /** Ends it as a crash does, and keeps its folder. */
  kill(): Promise<void>;
  /** Starts it again, on the same port, with what it had stored. */
  restart(): Promise<void>;
  /**
   * Its process answers nothing until `resume`, and its connections stay open. PostgreSQL has a process per connection,
   * which goes on: a TCP proxy stalls that.
   */
  pause(): void;
  resume(): void;
}

export interface ServerKind {
  readonly name: string;
  /** Called once, before the first start, with an empty folder. */
  prepare?(folder: string): Promise<void>;
  launch(folder: string, port: number): Launch;
  /** Throws until the server answers in its own protocol. */
  probe(port: number, folder: string): Promise<void>;
}

/** Starts a server on a free port of loopback. A port that was taken meanwhile is given up for another one. */
export async function startServer(kind: ServerKind): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = new ServerProcess(kind, await freePort());
    try {
      await server.start();
      return server;
    } catch (error) {
      const log = server.log();
      await server.stop();
      if (attempt < 3 && PORT_TAKEN.test(log)) continue;
      throw error;
    }
  }
}

class ServerProcess implements RunningServer {
  readonly folder: string;
  readonly port: number;
  readonly #kind: ServerKind;
  readonly #watchdog: ChildProcess;
  #child: ChildProcess | undefined;
  #prepared: Promise<void> | undefined;

  constructor(kind: ServerKind, port: number) {
    this.#kind = kind;
    this.port = port;
    this.folder = mkdtempSync(path.join(tmpdir(), `hypdr-${kind.name}-`));
    // Servers that refuse root find their data folder below.
    chmodSync(this.folder, 0o755);
    this.#watchdog = watch(this.folder);
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.#kind.name} does not run`);
    return this.#child.pid;
  }

  log(): string {
    const file = path.join(this.folder, 'server.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async start(): Promise<void> {
    await (this.#prepared ??= this.#kind.prepare?.(this.folder) ?? Promise.resolve());
    const { program, args, environment, user } = this.#kind.launch(this.folder, this.port);
    const log = openSync(path.join(this.folder, 'server.log'), 'a');
    // A group of its own: an interrupt at the terminal reaches the tests, which stop the server, and not the server.
    const child = spawn(program, args, {
      ...(process.getuid?.() === 0 ? user : {}),
      cwd: path.join(this.folder),
      detached: true,
      env: { PATH: process.env.PATH, HOME: this.folder, LC_ALL: 'C.UTF-8', ...environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    child.unref();
    const failed = new Promise<Error>((resolve) => {
      child.once('error', resolve);
      child.once('exit', (code, signal) => resolve(new Error(`it ended with ${code ?? signal}`)));
    });
    let failure: Error | undefined;
    void failed.then((error) => (failure = error));
    if (child.pid !== undefined) writeFileSync(pidFile(this.folder), `${child.pid}`);
    try {
      await until(async () => {
        if (failure) throw new GiveUp(failure.message);
        await this.#kind.probe(this.port, this.folder);
        if (!isRunning(child)) throw new GiveUp('it ended');
      }, READY_WITHIN);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${this.#kind.name} did not start: ${reason}\n${this.log().slice(-2000)}`);
    }
  }

  async restart(): Promise<void> {
    await this.#end(this.#kind.launch(this.folder, this.port).stopSignal ?? 'SIGTERM');
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end(this.#kind.launch(this.folder, this.port).stopSignal ?? 'SIGTERM');
    this.#watchdog.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  pause(): void {
    process.kill(-this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(-this.pid, 'SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child && isRunning(child)) {
      child.ref();
      const ended = once(child, 'exit');
      child.kill(signal);
      child.kill('SIGCONT');
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN);
      await ended;
      clearTimeout(late);
    }
    rmSync(pidFile(this.folder), { force: true });
  }
}

/**
 * Ends the server and removes its folder when the process of the tests is gone, however it ended: its end of the pipe
 * closes then. In a group of its own, so that an interrupt at the terminal leaves it to do that.
 */
function watch(folder: string): ChildProcess {
  const script =
    'cat; if [ -f "$2" ]; then kill -s KILL -- "-$(cat "$2")"; fi; rm -rf "$1" || { sleep 1; rm -rf "$1"; }';
  const watchdog = spawn('sh', ['-c', script, 'watchdog', folder, pidFile(folder)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  (watchdog.stdin as Socket).unref();
  return watchdog;
}

const pidFile = (folder: string): string => path.join(folder, 'pid');
const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;
