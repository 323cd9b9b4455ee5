import type { Catalogue } from './mysql-catalogue';
import { keyOf } from './mysql-catalogue';
import type { Exclusion } from './mysql-exclusion';
import { HIDDEN } from './mysql-replica';
import type { Replication } from './mysql-replica';
import type { MysqlSource } from './mysql-run';

/** Most names that one line holds. */
const NAMES = 10;

interface Found {
  readonly catalogue: Catalogue;
  readonly exclusion: Exclusion;
  readonly replication: Replication;
}

/** What the operator should know of the source and of the exclusions, as warnings. */
export function reportFindings(
  { catalogue: { tables }, exclusion, replication }: Found,
  { task, machine, options, server, tools }: Pick<MysqlSource, 'task' | 'machine' | 'options' | 'server' | 'tools'>,
): void {
  const warn = (event: string, message: string) => machine.log({ level: 'warning', event, message, task: task.name });
  if (replication === 'hidden' && !server.readOnly)
    warn('replication_hidden', `the server may be a replica: ${HIDDEN}`);
  const held = tables.filter((table) => !exclusion.keys.has(keyOf(table)));
  const loose = held.filter(({ transactional }) => !transactional);
  if (loose.length > 0 && options.consistency === 'transaction') {
    const names = some(loose.map(({ schema, table, engine }) => `${schema}.${table} (${engine || 'unknown'})`));
    warn('not_transactional', `no snapshot covers ${names}: their rows may be of another moment than the rest`);
  }
  const versioned = held.filter((table) => table.versioned);
  if (versioned.length > 0 && !tools.dumpsHistory) {
    const names = some(versioned.map(({ schema, table }) => `${schema}.${table}`));
    warn('history_left_out', `this version of ${tools.dump} leaves out the history of system-versioned ${names}`);
  }
  for (const { schema, table, name } of exclusion.broken) {
    warn(
      'foreign_key_not_valid',
      `rows that foreign key ${name} of ${schema}.${table} needs are excluded: after a restore it holds rows that point nowhere`,
    );
  }
  if (exclusion.excluded.length > 0 && task.runs.some(({ type }) => type === 'log')) {
    warn(
      'exclusion_and_logs',
      'binary logs hold changes of excluded rows too: they are replayed with slave_exec_mode=IDEMPOTENT, or end at the first',
    );
  }
  for (const pattern of exclusion.unused) warn('exclusion_unused', `exclude_tables: "${pattern}" matches no table`);
}

function some(names: readonly string[]): string {
  const rest = names.length - NAMES;
  return names.slice(0, NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
