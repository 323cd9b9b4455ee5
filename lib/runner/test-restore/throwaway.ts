import type { Content, RestoreCheck, TaskManifest } from '../../contract';
import type { BackupManifest } from '../../contract';
import type { Machine } from '../machine';
import type { TargetOptions } from '../restore/target';
import type { PrivateFolder } from './private-folder';
import { folderForFiles } from './throwaway-folder';
import { startMariadb } from './throwaway-mariadb';
import { startPostgresql } from './throwaway-postgresql';
import { databasesOnSqlServer } from './throwaway-sqlserver';

/** A target that is made for one test restore, and ended with it. */
export interface ThrowAway {
  /** As a restore takes it. */
  readonly target: string;
  /** How else it is restored than as a whole under its own names. */
  readonly restoredAs?: Partial<Pick<TargetOptions, 'globals' | 'rename'>>;
  /** Its server is somebody's, which may be away or busy: what it refuses says nothing of the backup. @default - it is our own */
  readonly remote?: true;
  /** What it is, for the record. */
  readonly tools: Readonly<Record<string, string>>;
  /** What its databases are asked, or its files. */
  readonly inspection: Inspection;
  /** Ends the server. Its folder is removed by who made it. Never throws. */
  stop(): Promise<void>;
}

/** What can be looked at in a target; each answer is a check, failures of the world are EngineErrors. */
export interface Inspection {
  /** When the full of the chain is restored, with what its manifest counted. */
  full(contents: readonly Content[], folder?: string): Promise<readonly RestoreCheck[]>;
  /** When all is restored, with what the last increment holds. @default - logs count nothing that could be compared */
  last?(contents: readonly Content[]): Promise<readonly RestoreCheck[]>;
  /** The spec's queries. An answer is looked at and forgotten. */
  queries(queries: readonly string[], database: string | undefined): Promise<readonly RestoreCheck[]>;
  /** The newest moment that the data knows and that is not after `until`. */
  newest(until: Date): Promise<readonly RestoreCheck[]>;
  integrity(): Promise<Integrity>;
}

export interface Integrity {
  readonly checks: readonly RestoreCheck[];
  readonly warnings: readonly string[];
}

export interface ThrowAwayOptions {
  readonly folder: PrivateFolder;
  /** The full of the chain that is restored. */
  readonly manifest: BackupManifest;
  /** All of the chain, from the full on. */
  readonly chain: readonly BackupManifest[];
  readonly machine: Machine;
}

/**
 * Starts what a backup of a task can be restored into.
 * @throws EngineError where there is no such server here, or it does not start; nothing of it runs then
 */
export async function openThrowAway(task: TaskManifest, options: ThrowAwayOptions): Promise<ThrowAway> {
  switch (task.engine) {
    case 'postgresql':
      return startPostgresql(options);
    case 'mysql':
    case 'mariadb':
      return startMariadb(task, options);
    case 'files':
      return folderForFiles(task, options);
    case 'sqlserver':
      return databasesOnSqlServer(task, options);
  }
}
