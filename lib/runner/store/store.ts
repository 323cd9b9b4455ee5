import type { Readable } from 'node:stream';
import type { Archive, Thawing } from './archive';

/**
 * A place that keeps objects. Writing is create-only everywhere: no operation here overwrites, and a writer's rights
 * suffice for `upload`, `create` and `list`.
 */
export interface Store {
  /** Id in the task manifest, or `local`. */
  readonly id: string;
  /** For people, such as `s3://bucket`. */
  readonly url: string;
  /** Whether the store encrypts by a key of its own; where it has none, we encrypt to a recipient. */
  readonly encryption: 'store' | 'none';
  /** Most bytes of one object. @default - any number */
  readonly largestBytes?: number;
  /** `objects`: each as `retainUntil` asks; `container`: by its own policy, of which a run knows nothing. */
  readonly locks: 'objects' | 'container' | 'none';
  /** For what lies in an archive. @default - everything here can be read at once */
  readonly thawing?: Thawing;
  /** Starts one object of unknown length. Failures come as `StoreError`. */
  upload(key: string, options: UploadOptions): Upload;
  /** Creates a small object, if its name is free; a lost answer is settled by looking. */
  create(key: string, body: Uint8Array, options: UploadOptions): Promise<Created>;
  /** Objects under a prefix, in the order of their keys; with `versions`, every version and delete marker. */
  list(prefix: string, options?: ListOptions): AsyncIterable<StoredObject>;
  /** What the store knows of an object, or `undefined`. A reader's right: writers have it in no cloud. */
  head(key: string, version?: string): Promise<StoredObject | undefined>;
  read(key: string, options?: { readonly version?: string }): Promise<Readable>;
  /** Removes one version; a pruner's right. */
  remove(key: string, version: string | undefined): Promise<void>;
  close(): Promise<void>;
}

export interface UploadOptions {
  /** Locks the object until then, where the store locks single objects. */
  readonly retainUntil?: Date;
  readonly contentType?: string;
}

/** One object on its way. `write` resolves when the store can take more, so that memory stays flat. */
export interface Upload {
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the object; resolves only when the store has all of it. */
  finish(): Promise<Receipt>;
  /** Leaves nothing behind that looks like an object. Never throws. */
  abort(): Promise<void>;
}

/** What the store said when it took an object. */
export interface Receipt {
  readonly bytes: number;
  /** `algorithm:value` as the store computes it. */
  readonly checksum?: string;
  readonly etag?: string;
  readonly version?: string;
  /** Whether it is locked as `retainUntil` asked. @default - no lock was asked, or none that single objects have */
  readonly locked?: boolean;
}

export type Created = { readonly kind: 'created'; readonly receipt: Receipt } | { readonly kind: 'exists' };

export interface ListOptions {
  /** `all`: every version and delete marker; in a folder, which has none, what was never finished. @default - newest */
  readonly versions?: 'newest' | 'all';
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modified: Date;
  readonly version?: string;
  readonly latest: boolean;
  readonly deleteMarker: boolean;
  readonly checksum?: string;
  readonly etag?: string;
  readonly storageClass?: string;
  /** @default - it can be read at once */
  readonly archive?: Archive;
  readonly retainUntil?: Date;
}

/** Why a store did not do something, in the only terms that decide what happens next. */
export class StoreError extends Error {
  constructor(
    readonly kind:
      | 'retry'
      | 'denied'
      | 'missing'
      | 'foreign'
      | 'full'
      | 'damaged'
      | 'refused'
      | 'archived'
      /** Nobody may remove it before its time. */
      | 'locked',
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
