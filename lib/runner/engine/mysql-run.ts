import { Readable } from 'node:stream';
import type { Content, TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { startChild } from './child';
import type { Child } from './child';
import { EngineError } from './engine';
import type { EngineRun, RunContents, SourceStream } from './engine';
import { accountsStream } from './mysql-accounts';
import type { Accounts } from './mysql-accounts';
import { keyOf, readCatalogue } from './mysql-catalogue';
import type { Catalogue } from './mysql-catalogue';
import type { MysqlConnection } from './mysql-connection';
import { parseCoordinate, parsePurgedGtids } from './mysql-coordinate';
import { excludeTables } from './mysql-exclusion';
import type { Exclusion } from './mysql-exclusion';
import type { SourceLocks } from './mysql-lock';
import { definitionArguments, dumpArguments } from './mysql-options';
import type { DumpOptions } from './mysql-options';
import { countedDump } from './mysql-output';
import type { CountedDump } from './mysql-output';
import { appliedAt, readReplication, staleness } from './mysql-replica';
import type { Replication } from './mysql-replica';
import { reportFindings } from './mysql-report';
import { serverTime } from './mysql-server';
import type { MysqlServer } from './mysql-server';
import { identifier, literal } from './mysql-session';
import type { MysqlSession } from './mysql-session';
import type { MysqlTools } from './mysql-tools';

export interface MysqlSource {
  readonly task: TaskManifest;
  readonly machine: Machine;
  readonly connection: MysqlConnection;
  readonly options: DumpOptions;
  readonly tools: MysqlTools;
  readonly server: MysqlServer;
  readonly accounts: Accounts;
  /** Whether the account sees routines that are not its own. */
  readonly routines: 'readable' | 'hidden';
  /** Holds the locks of the source. */
  readonly control: MysqlSession;
  readonly locks: SourceLocks;
  /** Folder for files on their way, emptied by the run. */
  readonly scratch: string;
}

interface Begun {
  /** Of what the server holds, which a replica may have late. */
  readonly pointInTime: Date;
  readonly replication: Replication;
  readonly catalogue: Catalogue;
  readonly exclusion: Exclusion;
  readonly dump: CountedDump;
}

/** One dump of all databases: one snapshot and one coordinate, which a log run follows. */
export async function beginDump(source: MysqlSource): Promise<EngineRun> {
  const { machine, connection, tools, accounts } = source;
  const children = new Set<Child>();
  const remember = (child: Child) => {
    children.add(child);
    void child.ended.then(() => children.delete(child));
  };
  const abort = async () => void (await Promise.allSettled([...children].map((child) => child.stop())));
  try {
    const begun = await startDump(source, remember, abort);
    const position = await positionOf(begun, source);
    reportFindings(begun, source);
    async function* streams(): AsyncIterable<SourceStream> {
      if (accounts.readable) yield await accountsStream(connection, tools, machine);
      if (!tools.ignoresTableData) yield* definitionStreams(begun.exclusion, source, remember);
      const { databases } = begun.catalogue;
      yield {
        name: 'dump',
        format: 'sql',
        compression: 'none',
        ...(databases.length === 1 && { database: databases[0] }),
        output: begun.dump.output,
        ended: begun.dump.ended,
      };
    }
    return {
      pointInTime: begun.pointInTime,
      position,
      streams,
      finish: async (): Promise<RunContents> => {
        const contents = contentsOf(begun, source);
        await source.locks.check();
        return {
          contents,
          degraded: [...degradedOf(source), ...staleOf(begun.replication, source)],
        };
      },
      adopt: () => Promise.resolve(),
      abort,
    };
  } catch (error) {
    await abort();
    throw error;
  }
}

const NO_ROUTINES =
  'the account that takes the backup sees its own routines only: grant it SELECT on mysql.proc (MariaDB) or SHOW_ROUTINE (MySQL)';

function degradedOf({ accounts, routines }: MysqlSource): RunContents['degraded'] {
  return [
    ...(accounts.readable ? [] : [{ name: 'accounts', why: accounts.why ?? 'not readable' }]),
    ...(routines === 'readable' ? [] : [{ name: 'routines', why: NO_ROUTINES }]),
  ];
}

/** What makes a backup of a replica a degraded one. */
export function staleOf(replication: Replication, { server }: Pick<MysqlSource, 'server'>): RunContents['degraded'] {
  const why = staleness(replication, server.readOnly);
  return why === undefined ? [] : [{ name: 'server', why }];
}

/** A database that comes or goes between the list and the snapshot would be in neither the dump nor the logs after it. */
const ATTEMPTS = 3;

async function startDump(
  source: MysqlSource,
  remember: (child: Child) => void,
  abort: () => Promise<void>,
): Promise<Begun> {
  const { connection, control, machine, options, server, tools } = source;
  for (let attempt = 1; ; attempt += 1) {
    const catalogue = await readCatalogue(control, connection.database);
    refuseNothing(catalogue, source);
    const exclusion = excludeTables(options.excludeTables, catalogue, server.lowerCaseNames ? 'lower' : 'exact');
    const { binaryLogs } = server;
    const args = dumpArguments(options, { ...catalogue, excluded: exclusion.excluded, binaryLogs }, tools);
    // Before the snapshot: what was committed by then is in it, or had been replayed.
    const replication = await readReplication(source);
    const pointInTime = appliedAt(replication, await serverTime(control));
    await connection.refresh();
    const child = await startChild(tools.dump, [...connection.args, ...args], { machine, ...connection });
    remember(child);
    const dump = await countedDump(child, `${tools.dump} of ${catalogue.databases.join(', ')}`, 'database');
    const after = await readCatalogue(control, connection.database);
    if (after.databases.join('\0') === catalogue.databases.join('\0'))
      return { pointInTime, replication, catalogue, exclusion, dump };
    await abort();
    if (attempt === ATTEMPTS) throw new EngineError('retry', 'databases come and go all the time');
  }
}

/** A server without any table is a wrong server, a wrong database or one that was just lost. */
function refuseNothing({ databases, tables }: Catalogue, { connection: { database } }: MysqlSource): void {
  if (databases.length === 0 && database !== undefined)
    throw new EngineError('config', `there is no database "${database}"`, 'check the name of the database');
  if (tables.length > 0) return;
  const names = databases.map((name) => `"${name}"`).join(', ');
  throw new EngineError(
    'source',
    `there is not one table in ${names || 'any database'}`,
    'check that this is the server that is meant, and that the account may see its tables',
  );
}

/** MariaDB's dump writes its GTIDs at its end; the server knows those of a coordinate. */
async function positionOf(
  { dump: { head }, exclusion }: Begun,
  { control, server, tools }: MysqlSource,
): Promise<Readonly<Record<string, string>>> {
  const broken = exclusion.broken.map(({ schema, table, name }) => `${schema}.${table}: ${name}`);
  const others: Readonly<Record<string, string>> = broken.length === 0 ? {} : { not_valid: JSON.stringify(broken) };
  if (server.binaryLogs === 'off') return others;
  const at = parseCoordinate(head);
  if (!at) throw new EngineError('source', `${tools.dump} wrote no coordinate of the binary logs`);
  const gtid =
    server.version.family === 'mariadb' ? await gtidAt(control, at.file, at.position) : parsePurgedGtids(head);
  return { 'binlog.file': at.file, 'binlog.position': `${at.position}`, ...(gtid && { gtid }), ...others };
}

/** NULL where the server has no such file, or no event begins there: https://mariadb.com/kb/en/binlog_gtid_pos/ */
export function gtidOf(file: string, position: number): string {
  return `BINLOG_GTID_POS(${literal(file)}, ${position})`;
}

export async function gtidAt(control: MysqlSession, file: string, position: number): Promise<string | undefined> {
  const [row] = await control.query(`SELECT COALESCE(${gtidOf(file, position)}, '')`);
  return row?.[0] || undefined;
}

/** Definitions come before the dump: views and keys of other tables need them. */
async function* definitionStreams(
  { excluded }: Exclusion,
  { connection, machine, tools }: MysqlSource,
  remember: (child: Child) => void,
): AsyncIterable<SourceStream> {
  for (const [index, schema] of [...new Set(excluded.map((one) => one.schema))].entries()) {
    const tables = excluded.filter((one) => one.schema === schema).map(({ table }) => table);
    const args = definitionArguments(schema, tables, tools);
    await connection.refresh();
    const child = await startChild(tools.dump, [...connection.args, ...args], { machine, ...connection });
    remember(child);
    const dump = await countedDump(child, `${tools.dump} of definitions of "${schema}"`, 'nothing');
    const use = Buffer.from(`CREATE DATABASE IF NOT EXISTS ${identifier(schema)};\nUSE ${identifier(schema)};\n`);
    async function* output(): AsyncGenerator<Buffer> {
      yield use;
      yield* dump.output as AsyncIterable<Buffer>;
    }
    const facts = { name: `definitions-${index + 1}`, format: 'sql', compression: 'none' } as const;
    yield { ...facts, database: schema, output: Readable.from(output(), { objectMode: false }), ended: dump.ended };
  }
}

/** A table that the dump says nothing of went away, or somebody's option file leaves it out. */
function contentsOf({ catalogue, exclusion, dump: { counter } }: Begun, { tools }: MysqlSource): readonly Content[] {
  const missing = catalogue.tables.filter(
    (table) => !counter.defined.has(keyOf(table)) && (tools.ignoresTableData || !exclusion.keys.has(keyOf(table))),
  );
  const [first] = missing;
  if (first) {
    throw new EngineError(
      'retry',
      `the dump has nothing of table ${first.schema}.${first.table}${missing.length > 1 ? ` and ${missing.length - 1} more` : ''}`,
      'where it stays so, look for ignore-table in the option files of the client',
    );
  }
  return catalogue.tables.map((table) => ({
    database: table.schema,
    name: table.table,
    rows: counter.rows.get(keyOf(table)) ?? 0,
    exact: true,
  }));
}
