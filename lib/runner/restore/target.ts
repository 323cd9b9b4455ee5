import type { BackupStream } from '../../contract';
import type { Point } from './point';
import type { SpooledBackup } from './spool';

/** What a restore puts back, and where. */
export interface Target {
  /** For people, without secrets. */
  readonly name: string;
  /** Whether a stream is needed. */
  wants(stream: BackupStream): boolean;
  /** What will be done, in words, for `--dry-run`. */
  plan(point: Point): readonly string[];
  /**
   * Everything that can fail is tried before a byte is read: tools, connection, rights, whether something is there.
   * @throws EngineError
   */
  check(point: Point): Promise<void>;
  /** Bytes that the target will need where it lies, and what is free there. @default - not known */
  room?(point: Point): Promise<{ readonly folder: string; readonly needed: number } | undefined>;
  /**
   * Restores into a staging name and puts it in place at the end. All bytes were compared with their hashes before.
   * @throws EngineError
   */
  restore(backups: readonly SpooledBackup[], steps: Steps): Promise<Restored>;
  close(): Promise<void>;
}

/** Times each step. */
export type Steps = <T>(step: string, work: () => Promise<T>) => Promise<T>;

export interface Restored {
  /** What acts by itself and was switched off. */
  readonly held: readonly Held[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly stop?: StopPoint;
}

/** Something that would act by itself, and what lets it go. */
export interface Held {
  readonly kind: 'event' | 'subscription' | 'extension' | 'dependant' | 'job';
  readonly name: string;
  /** The statement that switches it on. */
  readonly release: string;
}

/** Where the replay of logs ended, with what lies on both sides of it; times in UTC. */
export interface StopPoint {
  readonly file: string;
  /** Bytes into the file; of SQL Server, an LSN. */
  readonly position: number | string;
  readonly last?: LogMoment;
  readonly next?: LogMoment;
}

export interface LogMoment {
  readonly file: string;
  readonly position: number | string;
  readonly at: string;
}

export interface TargetOptions {
  /** A folder, or a server's URL without a password. */
  readonly target: string;
  /** Databases of the backup that are meant. @default - all of it */
  readonly databases: readonly string[] | undefined;
  /** Names of what may be replaced, typed once more. */
  readonly replace: readonly string[];
  /** Roles or accounts too. */
  readonly globals: 'restored' | 'left out';
  readonly owners: 'kept' | 'left out';
  readonly until: Date | undefined;
  /** Other names for the databases of SQL Server, each of which gets one. @default - their own */
  readonly rename?: (database: string) => string;
  /**
   * Called when the full of a chain is in the target, before anything that follows it; of files with the folder in which
   * it lies then. @default - nobody looks at it
   */
  readonly onFull?: (folder?: string) => Promise<void>;
}
