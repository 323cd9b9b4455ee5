import { EngineError } from '../engine/engine';
import type { SqlServerClient } from '../engine/sqlserver-client';
import { headerOf } from '../engine/sqlserver-header';
import type { BackupHeader } from '../engine/sqlserver-header';
import { recordsOf } from '../engine/sqlserver-position';
import { verifyStatement } from '../engine/sqlserver-backup';
import { literal } from '../engine/sqlserver-statement';
import { nameOf } from './link';
import { placeFile } from './sqlserver-folder';
import type { SharedFolder } from '../engine/sqlserver-folder';
import { localTime } from './sqlserver-time';
import type { SpooledBackup } from './spool';

/** A backup set that the target's server can read, by its own words. */
export interface PlacedSet {
  readonly database: string;
  /** Of the backup and the stream, for people. */
  readonly name: string;
  /** The path that the server has for it. */
  readonly file: string;
  readonly header: BackupHeader;
  readonly files: readonly SetFile[];
  /** Of the source's clock, without a zone: milliseconds as if they were UTC. */
  readonly started: number;
  readonly finished: number;
  /** When the source's server began to write it, in UTC. @default - nobody knows */
  readonly at?: Date;
  /** Whether it is of the newest backup of the chain, in which the moment lies. */
  readonly last: boolean;
}

/** A file of a database. */
export interface SetFile {
  readonly name: string;
  /** D: data, L: log, S: a folder of FILESTREAM or memory-optimized data, F: a full-text catalogue. */
  readonly type: string;
  readonly path: string;
}

export interface Placing {
  readonly client: SqlServerClient;
  readonly folder: SharedFolder;
  readonly wants: (database: string) => boolean;
}

/**
 * Puts every set of a chain where the server reads it, and has it verified and described there: nothing was restored yet.
 * A server that lacks the certificate of an encrypted database says so here, with its thumbprint.
 */
export async function placeSets(
  backups: readonly SpooledBackup[],
  { client, folder, wants }: Placing,
): Promise<readonly PlacedSet[]> {
  const sets: PlacedSet[] = [];
  for (const [index, { backup, streams }] of backups.entries()) {
    const records = recordsOf(backup.manifest);
    for (const spooled of streams) {
      const { database, format, name: stream } = spooled.stream;
      if (format !== 'sqlserver' || database === undefined || !wants(database)) continue;
      const name = `${nameOf(backup.manifest)} ${stream}`;
      const what = `${name} of database "${database}"`;
      const file = await placeFile(folder, `${sets.length + 1}.bak`, spooled);
      const row = await client.row(what, `RESTORE HEADERONLY FROM DISK = ${literal(file)};`);
      const header = headerOf(row, what);
      await client.row(what, verifyStatement(file, header.checksums));
      const files = await client.rows(
        what,
        `RESTORE FILELISTONLY FROM DISK = ${literal(file)} WITH FILE = ${header.position};`,
      );
      const record = records.get(database);
      const at = record?.backup_set_guid === header.backupSetGuid ? record.at : undefined;
      sets.push({
        ...{ database, name, file, header },
        files: files.map((one) => fileOf(one, what)),
        started: localTime(row.get('BackupStartDate'), what),
        finished: localTime(row.get('BackupFinishDate'), what),
        ...(at !== undefined && { at: new Date(at) }),
        last: index === backups.length - 1,
      });
    }
  }
  return sets;
}

function fileOf(row: ReadonlyMap<string, string>, what: string): SetFile {
  const [name, path, type] = [row.get('LogicalName'), row.get('PhysicalName'), row.get('Type')];
  if (!name || path === undefined || !type) throw new EngineError('source', `${what}: its list of files has no names`);
  return { name, path, type };
}
