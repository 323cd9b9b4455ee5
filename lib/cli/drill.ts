import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RestoreRecord } from '../contract';
import type { Compiled } from '../compile';
import { NODE_FLAGS } from '../hosts';
import { renderDrill } from './drill-report';
import { estimatesOf } from './drill-estimates';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { BadInvocation, load } from './load';
import type { SpecOptions } from './load';
import { needPlan } from './need-plan';

export interface DrillOptions extends SpecOptions {
  /** Name of the data set. */
  readonly task: string;
  /** Ids of the places that may be read. @default - all */
  readonly store?: readonly string[];
  /** Key that signs the record, as the runner takes it. @default - HYPDR_RECORD_KEY */
  readonly recordKey?: string;
  /** Folder with room for the backup and for the data. @default - a temporary one */
  readonly scratch?: string;
  readonly format: 'text' | 'json';
}

/**
 * `hypdr drill restore`: from a stored backup to a running throw-away database on this machine, by the bundled runner as a
 * child, with the times of its steps beside what the spec estimates and promises. Backup stores are asked with the
 * credentials of the caller's environment.
 */
export async function drill(paths: readonly string[], options: DrillOptions, host: Host): Promise<ExitCode> {
  const compiled = load(paths, options, host);
  const answer = needPlan(compiled, host);
  if ('exit' in answer) return answer.exit;
  const task = answer.plan.tasks.find((one) => one.name === options.task);
  if (!task) {
    const names = answer.plan.tasks.map((one) => one.name).join(', ');
    throw new BadInvocation(`there is no data set "${options.task}"; there are ${names || 'none'}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'hypdr-drill-'));
  // Servers refuse root: whoever drills as root lets their user through, to a folder of its own.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711);
  try {
    const file = join(folder, 'task.json');
    writeFileSync(file, JSON.stringify(task), { mode: 0o600 });
    const ended = await runRunner(argumentsOf(file, folder, options), folder, host);
    // A runner that was killed has left its server, which would go on without its files.
    if (ended.exit === null)
      await runRunner(['reap', '--task', file, '--scratch', options.scratch ?? folder], folder, host);
    return told(ended, compiled, options, host);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsOf(file: string, folder: string, options: DrillOptions): readonly string[] {
  return [
    ...['test-restore', '--drill', '--task', file, '--format', 'json'],
    ...['--scratch', options.scratch ?? folder],
    ...(options.store ?? []).flatMap((one) => ['--store', one]),
    ...(options.recordKey === undefined ? [] : ['--record-key', options.recordKey]),
  ];
}

interface Ended {
  /** `null` where a signal ended it. */
  readonly exit: number | null;
  readonly stdout: string;
}

/** The child shows its own progress; a signal of the terminal reaches it too, and it cleans up before it ends. */
function runRunner(words: readonly string[], folder: string, host: Host): Promise<Ended> {
  const program = join(host.packageRoot, 'dist/bin/runner.js');
  const child = spawn(process.execPath, [...NODE_FLAGS, program, ...words], {
    cwd: host.cwd,
    env: { HYPDR_STATE: folder, ...host.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const hear = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on('SIGINT', hear).on('SIGTERM', hear);
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  return new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout: Buffer.concat(out).toString('utf8') }));
  }).finally(() => void process.off('SIGINT', hear).off('SIGTERM', hear));
}

function told({ exit, stdout }: Ended, { spec }: Compiled, { format }: DrillOptions, host: Host): ExitCode {
  const record = readRecord(stdout);
  if (!record) {
    if (exit === EXIT.badInvocation || exit === EXIT.bug) return exit;
    host.stderr(`hypdr: the runner ended with ${exit ?? 'a signal'} and told nothing of the restore\n`);
    return EXIT.findings;
  }
  const estimates = estimatesOf(spec, record);
  host.stdout(
    format === 'json' ? `${JSON.stringify({ record, estimates }, null, 2)}\n` : renderDrill(record, estimates),
  );
  return record.result === 'passed' ? EXIT.fine : EXIT.findings;
}

function readRecord(text: string): RestoreRecord | undefined {
  try {
    const said = JSON.parse(text) as { readonly record?: unknown };
    return RestoreRecord.safeParse(said.record).data;
  } catch {
    return undefined;
  }
}
