import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import { verifyStatement } from './sqlserver-backup';
import type { SqlServerClient } from './sqlserver-client';
import { scopeOf } from './sqlserver-error';
import { fileIn, leftLogs, removeFile, writtenBytes } from './sqlserver-folder';
import type { SharedFolder } from './sqlserver-folder';
import { headerOf } from './sqlserver-header';
import type { BackupHeader } from './sqlserver-header';
import type { BackupOptions } from './sqlserver-options';
import type { DatabaseRecord } from './sqlserver-position';

/**
 * A log backup that an earlier run had the server write and never published. The server has let go of these logs: without
 * the file the chain has a hole, and with it it goes on.
 */
export interface PendingLog {
  readonly file: SharedFolder;
  readonly bytes: number;
  readonly header: BackupHeader;
}

export interface PendingContext {
  readonly client: SqlServerClient;
  readonly folder: SharedFolder;
  readonly machine: Pick<Machine, 'log'>;
  readonly options: Pick<BackupOptions, 'checksum'>;
  readonly task: Pick<TaskManifest, 'name'>;
}

/** What is readable of what was left; a file that the server did not finish is removed. */
export async function readPending(context: PendingContext): Promise<readonly PendingLog[]> {
  const { client, folder, machine, options, task } = context;
  const pending: PendingLog[] = [];
  for (const name of await leftLogs(folder)) {
    const file = fileIn(folder, name);
    try {
      const what = `log backup ${name} of an earlier run`;
      const header = headerOf(await client.row(what, verifyStatement(file.server, options.checksum)), what);
      pending.push({ file, header, bytes: await writtenBytes(file) });
    } catch (error) {
      if (!(error instanceof EngineError) || scopeOf(error) === 'server') throw error;
      machine.log({ level: 'warning', event: 'log_unfinished', message: error.message, task: task.name });
      await removeFile(file);
    }
  }
  return pending;
}

export interface Continued {
  readonly logs: readonly PendingLog[];
  /** What a log that comes now has to follow. */
  readonly parent: DatabaseRecord;
}

/** Of what is left, what goes on where a backup of a database ended, in its order. */
export function continuing(pending: readonly PendingLog[], parent: DatabaseRecord): Continued {
  const own = pending.filter(({ header }) => header.type === 'log' && header.databaseGuid === parent.database_guid);
  const sorted = own.sort((a, b) => (BigInt(a.header.firstLsn) < BigInt(b.header.firstLsn) ? -1 : 1));
  const logs: PendingLog[] = [];
  let at = parent;
  for (const log of sorted) {
    const { firstFork, firstLsn, fork, lastLsn } = log.header;
    const follows = firstFork === at.recovery_fork_guid && BigInt(firstLsn) <= BigInt(at.last_lsn);
    if (!follows || BigInt(lastLsn) <= BigInt(at.last_lsn)) continue;
    logs.push(log);
    at = { ...at, last_lsn: lastLsn, recovery_fork_guid: fork };
  }
  return { logs, parent: at };
}
