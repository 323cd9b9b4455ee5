import type { TaskManifest } from '../../contract';
import { releaseOf } from './mysql-tools';
import type { MysqlTools } from './mysql-tools';
import type { Table } from './mysql-catalogue';

/** What the spec asks of the dump. */
export interface DumpOptions {
  /** One transaction, or all tables locked: nothing else gives all databases one moment. */
  readonly consistency: 'transaction' | 'locks';
  readonly compress: boolean;
  readonly excludeTables: readonly string[];
}

export function dumpOptions({ options }: Pick<TaskManifest, 'options'>): DumpOptions {
  const { single_transaction: transaction = true, compress = true, exclude_tables: excluded = [] } = options;
  return {
    consistency: transaction === false ? 'locks' : 'transaction',
    compress: compress !== false,
    excludeTables: Array.isArray(excluded) ? excluded : [],
  };
}

export interface DumpOf {
  readonly databases: readonly string[];
  /** Tables whose rows stay out. */
  readonly excluded: readonly Table[];
  readonly binaryLogs: 'on' | 'off';
}

type Capabilities = Pick<MysqlTools, 'family' | 'version' | 'ignoresTableData' | 'dumpsHistory'>;

/**
 * Arguments of the dump (https://mariadb.com/kb/en/mariadb-dump/, https://dev.mysql.com/doc/refman/8.4/en/mysqldump.html)
 * without the connection. What an option file could switch off and the run counts on is said again.
 */
export function dumpArguments(
  options: DumpOptions,
  { databases, excluded, binaryLogs }: DumpOf,
  tools: Capabilities,
): readonly string[] {
  return [
    ...(options.consistency === 'transaction'
      ? ['--single-transaction', '--skip-lock-tables']
      : ['--skip-single-transaction', '--lock-all-tables']),
    ...(binaryLogs === 'on' ? [coordinateArgument(tools)] : []),
    ...(options.compress ? [compressArgument(tools)] : []),
    ...SHAPE,
    ...familyArguments(tools),
    ...excluded.map(({ schema, table }) =>
      tools.ignoresTableData ? `--ignore-table-data=${schema}.${table}` : `--ignore-table=${schema}.${table}`,
    ),
    '--databases',
    '--',
    ...databases,
  ];
}

/** Definitions of some tables of one database, for a tool that cannot leave out rows alone. */
export function definitionArguments(schema: string, tables: readonly string[], tools: Capabilities): readonly string[] {
  return ['--no-data', '--skip-lock-tables', ...SHAPE, ...familyArguments(tools), '--', schema, ...tables];
}

const SHAPE = [
  '--quick',
  '--opt',
  '--triggers',
  '--routines',
  '--events',
  '--hex-blob',
  '--add-locks',
  '--extended-insert',
  '--quote-names',
  '--comments',
  '--dump-date',
  '--tz-utc',
  '--skip-force',
  '--max-allowed-packet=1G',
  '--default-character-set=utf8mb4',
];

/** GTIDs as comments: a dump that sets them cannot be loaded into a server that has some. */
function familyArguments({ family, version, dumpsHistory }: Capabilities): readonly string[] {
  if (family === 'mariadb') return dumpsHistory ? ['--dump-history'] : [];
  if (releaseOf(version.text) < 8000) return ['--set-gtid-purged=OFF'];
  return ['--set-gtid-purged=COMMENTED', '--skip-column-statistics', '--no-tablespaces'];
}

/** `--source-data` since MySQL 8.0.26; 2 makes it a comment. */
function coordinateArgument({ family, version }: Capabilities): string {
  return family === 'mysql' && patchOf(version.text) >= 8_000_026 ? '--source-data=2' : '--master-data=2';
}

/** MySQL has a new name for it since 8.0.18 and drops the old one. */
function compressArgument({ family, version }: Capabilities): string {
  return family === 'mysql' && patchOf(version.text) >= 8_000_018
    ? '--compression-algorithms=zstd,zlib,uncompressed'
    : '--compress';
}

function patchOf(text: string): number {
  return releaseOf(text) * 1000 + Number(text.split('.')[2] ?? 0);
}
