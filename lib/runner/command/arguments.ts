import { parseArgs } from 'node:util';
import { BackupType } from '../../contract';
import { RETRIEVAL_TIERS } from '../store/archive';
import { slotDate } from '../slot';
import type { RetrievalTier } from '../store/archive';

export const COMMANDS = [
  'backup',
  'verify',
  'list',
  'prune',
  'copy',
  'age',
  'restorable',
  'restore',
  'thaw',
  'test-restore',
  'reap',
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** A command line that was understood. */
export interface Invocation {
  readonly command: CommandName;
  /** Paths or URLs of task manifests: one, and any number where ages are asked for. */
  readonly tasks: readonly [string, ...string[]];
  readonly type: BackupType | undefined;
  readonly slot: string | undefined;
  /** Ids of the places that are meant; left out: all. */
  readonly stores: readonly string[] | undefined;
  readonly format: 'text' | 'json';
  /** `emf`, `log` or `prometheus:FILE`; left out: a backup logs, ages are for people to read. */
  readonly metrics: string | undefined;
  readonly shrinkage: 'accepted' | 'refused';
  readonly movedLocal: 'accepted' | 'refused';
  readonly dryRun: boolean;
  /** Of a verification. */
  readonly depth: 'quick' | 'full';
  /** Keys of records: the first one signs, and each knows its own. @default - `HYPDR_RECORD_KEY`, or none */
  readonly recordKeys: readonly string[] | undefined;
  readonly restore: RestoreWords;
}

/** What is said of a restore alone. */
export interface RestoreWords {
  readonly from: string | undefined;
  /** A folder, or a server's URL without a password. */
  readonly target: string | undefined;
  /** Databases of the backup that are meant; left out: all of it. */
  readonly databases: readonly string[] | undefined;
  /** Names of what may be replaced, typed once more. */
  readonly replace: readonly string[];
  readonly globals: 'restored' | 'left out';
  readonly owners: 'kept' | 'left out';
  readonly scratch: string | undefined;
  readonly archived: 'wait' | 'come back';
  readonly retrievalTier: RetrievalTier | undefined;
  /** What a record of it is of. */
  readonly rehearsal: 'drill' | 'test-restore';
}

/** @returns the invocation, `help`, or what is wrong with the command line */
export function readArguments(argv: readonly string[]): Invocation | 'help' | { readonly wrong: string } {
  const wrong = (what: string) => ({ wrong: what });
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        task: { type: 'string', multiple: true },
        type: { type: 'string' },
        slot: { type: 'string' },
        store: { type: 'string', multiple: true },
        format: { type: 'string', default: 'text' },
        metrics: { type: 'string' },
        quick: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        'accept-shrinkage': { type: 'boolean', default: false },
        'accept-moved-local': { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        from: { type: 'string' },
        target: { type: 'string' },
        database: { type: 'string', multiple: true },
        replace: { type: 'string', multiple: true },
        globals: { type: 'boolean', default: false },
        'no-owners': { type: 'boolean', default: false },
        scratch: { type: 'string' },
        'record-key': { type: 'string', multiple: true },
        wait: { type: 'boolean', default: false },
        'retrieval-tier': { type: 'string' },
        drill: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [command = '', ...rest] = positionals;
    const type = values.type === undefined ? undefined : BackupType.safeParse(values.type);
    if (values.help) return 'help';
    if (!isCommand(command)) return wrong(`no command "${command}"`);
    if (rest.length > 0) return wrong(`unexpected ${rest.join(' ')}`);
    const [task, ...more] = values.task ?? [];
    if (task === undefined) return wrong('--task is missing');
    if (more.length > 0 && command !== 'age') return wrong(`${command} is for one task: --task is there twice`);
    if (type && !type.success) return wrong(`--type is one of ${BackupType.options.join(', ')}`);
    if (values.format !== 'text' && values.format !== 'json') return wrong('--format is text or json');
    if (command === 'backup' && values.store)
      return wrong('a backup goes into every store: --store is for the other commands');
    if (values['record-key']?.includes('')) return wrong('--record-key names no key');
    if (command === 'verify' && values.quick === values.full) return wrong('verify needs --quick or --full');
    if (!/^(emf|log|prometheus:.+)$/.test(values.metrics ?? 'log'))
      return wrong('--metrics is emf, log or prometheus:FILE');
    const asked = values['retrieval-tier'];
    const tier = RETRIEVAL_TIERS.find((one) => one === asked?.toLowerCase());
    if (asked !== undefined && !tier) return wrong(`--retrieval-tier is one of ${RETRIEVAL_TIERS.join(', ')}`);
    if (values.slot !== undefined && command === 'test-restore' && !slotDate(values.slot))
      return wrong('--slot is the planned start in UTC, such as 20261122T021500Z');
    if ((asked !== undefined || values.wait) && command !== 'restore' && command !== 'thaw')
      return wrong('--wait and --retrieval-tier are for restore and thaw');
    const others = foreignWords(values, command);
    if (others.length > 0)
      return wrong(`${others.join(' and ')} ${others.length > 1 ? 'are' : 'is'} not for ${command}`);
    if (values.drill && command !== 'test-restore') return wrong('--drill is for test-restore');
    return {
      command,
      tasks: [task, ...more],
      type: type?.data,
      slot: values.slot,
      stores: values.store,
      format: values.format,
      metrics: values.metrics,
      shrinkage: values['accept-shrinkage'] ? 'accepted' : 'refused',
      movedLocal: values['accept-moved-local'] ? 'accepted' : 'refused',
      dryRun: values['dry-run'],
      depth: values.full ? 'full' : 'quick',
      recordKeys: values['record-key'],
      restore: {
        from: values.from,
        target: values.target,
        databases: values.database,
        replace: values.replace ?? [],
        globals: values.globals ? 'restored' : 'left out',
        owners: values['no-owners'] ? 'left out' : 'kept',
        scratch: values.scratch,
        archived: values.wait ? 'wait' : 'come back',
        retrievalTier: tier,
        rehearsal: values.drill ? 'drill' : 'test-restore',
      },
    };
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

/** Words of a restore, of which the others would silently do something else. */
const RESTORE_WORDS = ['from', 'target', 'database', 'replace', 'globals', 'no-owners'] as const;

function foreignWords(values: Readonly<Record<string, unknown>>, command: CommandName): readonly string[] {
  if (command === 'restore') return [];
  const said = (word: string) => values[word] !== undefined && values[word] !== false;
  return RESTORE_WORDS.filter((word) => said(word) && !(word === 'from' && command === 'thaw')).map(
    (one) => `--${one}`,
  );
}

function isCommand(word: string): word is CommandName {
  return (COMMANDS as readonly string[]).includes(word);
}
