import { writeFileSync, renameSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { TaskManifest } from '../contract';
import { BackupType } from '../contract';
import { backup } from './backup';
import { describeBackup } from './dry-run';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { listBackups } from './list';
import { TaskError, loadTask } from './load-task';
import type { Machine } from './machine';
import { runEvent } from './metrics/event';
import { toEmf, toPrometheus, toStructuredLog } from './metrics/formats';
import { prune } from './prune';
import { StoreError } from './store/store';
import { verifyQuick } from './verify';

const USAGE = `hypdr-runner COMMAND --task PATH|s3://...|azblob://...|gs://...

  backup   [--type full|incremental|differential|log] [--slot SLOT]   take a backup now
           [--accept-shrinkage]                                       much less than last time is expected
  verify   --quick                                                    look at what is stored, write the ledger
  list     [--format text|json]                                       what each store holds
  prune    [--dry-run]                                                remove what nothing needs any more

  --dry-run              say what would run
  --metrics FORMAT       emf, log or prometheus:FILE after a backup (default: log)
  --help

Exit codes: 0 success, 1 bug, 2 bad invocation, 3 degraded, 4 damaged, 5 overlap, 75 retry, 78 permanent, 130 interrupted
Example: hypdr-runner backup --task out/tasks/postgresql.json --type full
`;

/** Where the program talks to; bin hands in the real ones. */
export interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** The command line `hypdr-runner`. Expected failures are exit codes; bugs throw. */
export async function run(argv: readonly string[], machine: Machine, output: Output): Promise<ExitCode> {
  const parsed = readArguments(argv);
  if (typeof parsed === 'string') {
    output.stderr(`hypdr-runner: ${parsed}\n\n${USAGE}`);
    return EXIT.badInvocation;
  }
  if (parsed.help) {
    output.stdout(USAGE);
    return EXIT.success;
  }
  try {
    return await dispatch(parsed, await loadTask(parsed.task, machine), machine, output);
  } catch (error) {
    if (error instanceof TaskError) {
      output.stderr(`hypdr-runner: ${error.message}\n`);
      return EXIT.badInvocation;
    }
    if (!(error instanceof StoreError)) throw error;
    output.stderr(`hypdr-runner: ${error.message}\n`);
    return error.kind === 'retry' ? EXIT.retry : EXIT.permanent;
  }
}

interface Invocation {
  readonly command: 'backup' | 'verify' | 'list' | 'prune';
  readonly task: string;
  readonly type: BackupType | undefined;
  readonly slot: string | undefined;
  readonly format: 'text' | 'json';
  readonly metrics: string;
  readonly shrinkage: 'accepted' | 'refused';
  readonly dryRun: boolean;
  readonly help: boolean;
}

function readArguments(argv: readonly string[]): Invocation | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        task: { type: 'string' },
        type: { type: 'string' },
        slot: { type: 'string' },
        format: { type: 'string', default: 'text' },
        metrics: { type: 'string', default: 'log' },
        quick: { type: 'boolean', default: false },
        'accept-shrinkage': { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [command = '', ...rest] = positionals;
    const type = values.type === undefined ? undefined : BackupType.safeParse(values.type);
    if (values.help) return { ...NOTHING, help: true };
    if (!isCommand(command)) return `no command "${command}"`;
    if (rest.length > 0) return `unexpected ${rest.join(' ')}`;
    if (values.task === undefined) return '--task is missing';
    if (type && !type.success) return `--type is one of ${BackupType.options.join(', ')}`;
    if (values.format !== 'text' && values.format !== 'json') return '--format is text or json';
    if (command === 'verify' && !values.quick) return 'verify needs --quick';
    if (!/^(emf|log|prometheus:.+)$/.test(values.metrics)) return '--metrics is emf, log or prometheus:FILE';
    return {
      command,
      task: values.task,
      type: type?.data,
      slot: values.slot,
      format: values.format,
      metrics: values.metrics,
      shrinkage: values['accept-shrinkage'] ? 'accepted' : 'refused',
      dryRun: values['dry-run'],
      help: false,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const NOTHING: Invocation = {
  command: 'list',
  task: '',
  type: undefined,
  slot: undefined,
  format: 'text',
  metrics: 'log',
  shrinkage: 'refused',
  dryRun: false,
  help: false,
};

function isCommand(word: string): word is Invocation['command'] {
  return word === 'backup' || word === 'verify' || word === 'list' || word === 'prune';
}

async function dispatch(asked: Invocation, task: TaskManifest, machine: Machine, output: Output): Promise<ExitCode> {
  switch (asked.command) {
    case 'backup': {
      if (asked.dryRun) {
        output.stdout(describeBackup(task, asked.type, machine.now()));
        return EXIT.success;
      }
      const started = machine.seconds();
      const outcome = await backup(task, { type: asked.type, slot: asked.slot, shrinkage: asked.shrinkage }, machine);
      if (outcome.why) output.stderr(`${outcome.why}\n`);
      writeMetrics(asked.metrics, runEvent(task, outcome, machine.seconds() - started, machine.now()), output);
      return outcome.exit;
    }
    case 'verify': {
      const { exit, verified, findings } = await verifyQuick(task, machine);
      output.stdout(
        `${verified.filter((one) => !one.already).length} newly verified, ${verified.filter((one) => one.already).length} verified before, ${findings.length} findings\n`,
      );
      for (const { store, key, message } of findings) output.stdout(`${store} ${key}: ${message}\n`);
      return exit;
    }
    case 'prune': {
      const { exit, lines } = await prune(task, asked.dryRun ? 'dry-run' : 'remove', machine);
      for (const { store, key, fate, why } of lines) output.stdout(`${fate.padEnd(12)}  ${store}  ${key}: ${why}\n`);
      return exit;
    }
    case 'list': {
      const listing = await listBackups(task, machine);
      if (asked.format === 'json') {
        output.stdout(`${JSON.stringify(listing, null, 2)}\n`);
      } else {
        for (const one of listing.backups) {
          output.stdout(
            `${one.slot}  ${one.type.padEnd(12)}  ${String(one.bytes).padStart(14)}  ${one.state.padEnd(8)}  ${one.chain.padEnd(8)}  ${one.degraded ? 'degraded' : 'whole   '}  ${one.store}\n`,
          );
        }
        for (const { store, why } of listing.unreachable) output.stderr(`${store}: ${why}\n`);
        for (const { store, key, why } of listing.unreadable) output.stderr(`${store} ${key}: ${why}\n`);
      }
      return listing.unreachable.length > 0 ? EXIT.retry : EXIT.success;
    }
  }
}

function writeMetrics(format: string, event: ReturnType<typeof runEvent>, output: Output): void {
  if (format === 'emf') output.stdout(`${toEmf(event)}\n`);
  else if (format === 'log') output.stdout(`${toStructuredLog(event)}\n`);
  else {
    const file = format.slice('prometheus:'.length);
    writeFileSync(`${file}.new`, toPrometheus(event));
    renameSync(`${file}.new`, file);
  }
}
