import type { Readable } from 'node:stream';
import type { BackupManifest, BackupStream, BackupType, Content, TaskManifest } from '../../contract';
import type { Machine } from '../machine';

/** Takes backups of one kind of source. */
export interface Engine {
  /**
   * Everything that can fail is tried before anything starts: tools and their versions, connection, rights, identity.
   * @throws EngineError
   */
  prepare(task: TaskManifest, machine: Machine): Promise<PreparedSource>;
}

export interface PreparedSource {
  readonly identity: Readonly<Record<string, string>>;
  readonly tools: Readonly<Record<string, string>>;
  /** The source's own lock against a second run; ends with the connection that holds it, so a crash frees it. */
  lock(kind: 'data' | 'log'): Promise<SourceLock | 'held'>;
  /** Whether an increment can follow `newest`; the text says why not. */
  canFollow(
    type: BackupType,
    newest: BackupManifest | undefined,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }>;
  /** Begins a backup: the snapshot is taken here, so its time is `pointInTime`. The name is of its manifest to be. */
  begin(type: BackupType, parent: BackupManifest | undefined, run?: RunName): Promise<EngineRun>;
  close(): Promise<void>;
}

/** What a run will be called in its manifest. */
export type RunName = Pick<BackupManifest, 'slot' | 'type' | 'attempt'>;

export interface SourceLock {
  release(): Promise<void>;
}

export interface EngineRun {
  readonly pointInTime: Date;
  readonly position: Readonly<Record<string, string>>;
  /** Streams, one after the other: each is read to its end before the next is asked for. */
  streams(): AsyncIterable<SourceStream>;
  /** What the backup holds, known when all streams were read. */
  finish(): Promise<RunContents>;
  /** The manifest was published: state that decides the next increment is adopted. */
  adopt(): Promise<void>;
  /** Ends children and transactions; leaves state as it was. Never throws. */
  abort(): Promise<void>;
}

export interface RunContents {
  readonly contents: readonly Content[];
  readonly degraded: BackupManifest['degraded'];
}

export interface SourceStream {
  readonly name: string;
  readonly format: BackupStream['format'];
  readonly database?: string;
  /** `internal` where the format is compressed already: nothing is compressed twice. */
  readonly compression: 'none' | 'internal';
  readonly output: Readable;
  /** Resolves when the producer ended well; rejects with an EngineError otherwise. Never skipped: a broken pipe counts. */
  readonly ended: Promise<void>;
}

/** Why an engine did not do something. */
export class EngineError extends Error {
  constructor(
    /** `retry`: worth another try; `config`: somebody has to change something; `source`: the source's own trouble. */
    readonly kind: 'retry' | 'config' | 'source',
    message: string,
    readonly fix = '',
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What was read shows that an increment can't follow what it was to follow: a full can be taken at once. */
export class NotFollowed extends EngineError {
  constructor(message: string) {
    super('retry', message);
  }
}
