import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemProgram } from '../../servers/programs';
import { runProgram } from '../../servers/run-program';
import { systemUser } from '../../servers/system-user';

export const account = systemUser('postgres');
export const PGBIN = path.dirname(systemProgram('postgres'));
/** Major version of the PostgreSQL that is installed. */
export const VERSION = /(\d+)\/bin$/.exec(PGBIN)?.[1] ?? '15';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One of two machines: a folder of its own, and a script that a deployment would put there. */
export class Machine {
  readonly data: string;
  readonly etc: string;
  readonly state: string;
  readonly #script: string;

  constructor(
    readonly folder: string,
    readonly port: number,
    readonly environment: Readonly<Record<string, string>>,
    { config, script }: { readonly config: string; readonly script: string },
  ) {
    this.data = path.join(folder, 'mount/postgresql');
    this.etc = path.join(folder, 'etc');
    this.state = path.join(folder, 'state');
    this.#script = path.join(folder, 'script');
    for (const one of [folder, this.etc, this.state, path.join(folder, 'mount'), path.join(folder, 'sockets')]) {
      mkdirSync(one, { recursive: true });
      chmodSync(one, 0o755);
    }
    for (const one of [this.state, path.join(folder, 'mount'), path.join(folder, 'sockets')]) this.#give(one);
    this.configure(config, script);
  }

  configure(config: string, script: string): void {
    writeFileSync(path.join(this.etc, 'site.conf'), config);
    writeFileSync(this.#script, script, { mode: 0o755 });
  }

  #give(file: string): void {
    if (process.getuid?.() === 0) chownSync(file, account.uid, account.gid);
  }

  /** A file of the server's, as its own user has it. */
  write(file: string, text: string): void {
    writeFileSync(file, text);
    this.#give(file);
  }

  /** @param script - @default - the one that it was made with */
  start(
    words: readonly string[],
    more: Readonly<Record<string, string>> = {},
    script: string = this.#script,
  ): ChildProcess {
    return spawn('bash', [script, ...words], {
      cwd: '/',
      // A group of its own: a reboot ends all of it at once.
      detached: true,
      env: {
        PATH: process.env.PATH,
        HYPDR_ETC: this.etc,
        HYPDR_STATE: this.state,
        HYPDR_MOUNT: path.join(this.folder, 'mount'),
        HYPDR_SOCKETS: path.join(this.folder, 'sockets'),
        HYPDR_PGBIN: PGBIN,
        HYPDR_PGPORT: String(this.port),
        HYPDR_NO_SYSTEMD: 'yes',
        HYPDR_NO_DISK: 'yes',
        HYPDR_NO_PACKAGES: 'yes',
        HYPDR_MARGIN: '1',
        // A test is not the system's user postgres; who comes by the network needs its password here too.
        HYPDR_AUTH: 'trust',
        ...this.environment,
        ...more,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  async run(words: readonly string[], more: Readonly<Record<string, string>> = {}, script?: string): Promise<Ran> {
    const child = this.start(words, more, script);
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    // Not `close`: a server that the script starts keeps its streams.
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdout?.destroy();
    child.stderr?.destroy();
    return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
  }

  sql(statements: string, database = 'postgres'): Promise<string> {
    return runProgram(systemProgram('psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', '-'], {
      environment: {
        PGHOST: path.join(this.folder, 'sockets'),
        PGPORT: String(this.port),
        PGUSER: 'postgres',
        PGDATABASE: database,
      },
      input: statements,
    }).then((text) => text.trim());
  }

  /** A new server, as an operator has it. */
  async initialise(settings: string): Promise<void> {
    const args = ['-D', this.data, '--no-sync', '-E', 'UTF8', '--locale', 'C.UTF-8', '-U', 'postgres'];
    await runProgram(path.join(PGBIN, 'initdb'), args, { user: account });
    // Its log has come far, into the upper half of the first 4 GB: what rounds there names another file.
    const reset = ['-l', '0000000100000000000000A0', '-D', this.data];
    await runProgram(path.join(PGBIN, 'pg_resetwal'), reset, { user: account });
    this.write(path.join(this.data, 'pg_hba.conf'), 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n');
    this.write(path.join(this.data, 'postgresql.auto.conf'), settings);
    await this.pgCtl('start');
  }

  /** @param more - further options of the server */
  async pgCtl(word: 'start' | 'stop' | 'restart' | 'promote', mode = 'fast', more = ''): Promise<void> {
    const options = `-p ${this.port} -c unix_socket_directories=${path.join(this.folder, 'sockets')}${more}`;
    const started = word === 'stop' ? [] : ['-l', path.join(this.state, 'server.log'), '-o', options];
    await runProgram(path.join(PGBIN, 'pg_ctl'), ['-D', this.data, '-w', '-m', mode, ...started, word], {
      user: account,
    });
  }

  json(name: string): Record<string, unknown> {
    return JSON.parse(readFileSync(path.join(this.state, name), 'utf8')) as Record<string, unknown>;
  }

  /** Ends the server however it is. */
  async stop(): Promise<void> {
    if (!existsSync(path.join(this.data, 'postmaster.pid'))) return;
    await this.pgCtl('stop', 'immediate').catch(() => undefined);
  }
}
