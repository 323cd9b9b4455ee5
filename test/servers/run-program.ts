import { spawn } from 'node:child_process';

export interface ProgramRun {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** @default - the one that runs the tests */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Runs a program to its end; what it printed, or an error with what it complained about. */
export function runProgram(program: string, args: readonly string[], run: ProgramRun = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(process.getuid?.() === 0 ? run.user : {}),
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...run.environment },
      stdio: 'pipe',
    });
    const [out, complaints]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    // A program that ended early takes no more input: its exit status says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.input ?? '');
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else reject(new Error(`${program} ended with ${code ?? signal}: ${Buffer.concat(complaints).toString().trim()}`));
    });
  });
}
