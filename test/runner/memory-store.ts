import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { StoreError } from '../../lib/runner/store/store';
import type {
  Created,
  ListOptions,
  Receipt,
  Store,
  StoredObject,
  Upload,
  UploadOptions,
} from '../../lib/runner/store/store';

export type StoreStep = 'upload' | 'write' | 'finish' | 'abort' | 'create' | 'list' | 'head' | 'read' | 'remove';

/** A moment at which a fault may strike: `after` is the lost answer to something that was done. */
export interface StoreMoment {
  readonly step: StoreStep;
  readonly phase: 'before' | 'after';
  readonly key: string;
  /** Counts from 1 per step. */
  readonly call: number;
}

export interface MemoryStoreOptions {
  readonly id?: string;
  readonly encryption?: Store['encryption'];
  /** `refused`: it locks single objects elsewhere, and here not. @default - each as `retainUntil` asks */
  readonly locks?: Store['locks'] | 'refused';
  /** Whether deletes leave markers and versions have ids. @default - they do */
  readonly versions?: 'kept' | 'none';
  /** Throws, waits for ever or for a while. */
  readonly fault?: (moment: StoreMoment) => void | Promise<void>;
  /** Falsifies what the store says of an object. */
  readonly receipt?: (receipt: Receipt) => Receipt;
  readonly now?: () => Date;
}

interface Version {
  readonly key: string;
  bytes: Buffer;
  readonly version: string | undefined;
  readonly modified: Date;
  readonly retainUntil: Date | undefined;
  readonly deleteMarker: boolean;
}

const CHUNK = 64 * 1024;

/** A store with versions, locks and faults, whose every object can be looked at and spoiled by a test. */
export class MemoryStore implements Store {
  readonly id: string;
  readonly url: string;
  readonly encryption: Store['encryption'];
  readonly locks: Store['locks'];
  /** Uploads that were begun and neither finished nor aborted. */
  openUploads = 0;
  /** Bytes that uploads have taken. */
  taken = 0;
  closed = false;
  readonly #options: MemoryStoreOptions;
  readonly #versions: Version[] = [];
  readonly #calls = new Map<StoreStep, number>();

  constructor(options: MemoryStoreOptions = {}) {
    this.#options = options;
    this.id = options.id ?? 'memory';
    this.url = `memory://${this.id}`;
    this.encryption = options.encryption ?? 'store';
    const { locks = 'objects' } = options;
    this.locks = locks === 'refused' ? 'objects' : locks;
  }

  /** Keys of what a plain list shows. */
  get keys(): string[] {
    return this.#newest().map(({ key }) => key);
  }

  bytesOf(key: string): Buffer {
    const found = this.#find(key, undefined);
    if (!found) throw new Error(`no ${key} in ${this.id}`);
    return found.bytes;
  }

  calls(step: StoreStep): number {
    return this.#calls.get(step) ?? 0;
  }

  /** Puts a version over whatever is there, as an attacker with a writer's rights may. */
  overwrite(key: string, bytes: Uint8Array, modified?: Date): void {
    this.#add(key, Buffer.from(bytes), {}, modified);
  }

  /** Changes the bytes of the newest version in place, as a disk may. */
  spoil(key: string, change: (bytes: Buffer) => Buffer): void {
    const found = this.#find(key, undefined);
    if (!found) throw new Error(`no ${key} in ${this.id}`);
    found.bytes = change(Buffer.from(found.bytes));
  }

  upload(key: string, options: UploadOptions): Upload {
    const moment = this.#moment('upload', key);
    const chunks: Buffer[] = [];
    let state: 'open' | 'finished' | 'aborted' = 'open';
    this.openUploads += 1;
    const begun = this.#strike(moment, 'before');
    begun.catch(() => undefined);
    const leave = (next: 'finished' | 'aborted') => {
      if (state === 'open') this.openUploads -= 1;
      state = next;
    };
    const check = async () => {
      await begun;
      if (state !== 'open') throw new StoreError('retry', `the upload is ${state}`);
    };
    return {
      write: async (chunk) => {
        await check();
        await this.#step('write', key, () => {
          chunks.push(Buffer.from(chunk));
          this.taken += chunk.length;
        });
      },
      finish: async () => {
        await check();
        return this.#step('finish', key, () => {
          if (state !== 'open') throw new StoreError('retry', `the upload is ${state}`);
          if (this.#find(key, undefined)) throw new StoreError('refused', `${key} exists`);
          leave('finished');
          return this.#add(key, Buffer.concat(chunks), options);
        });
      },
      abort: async () => {
        await this.#step('abort', key, () => {
          if (state === 'open') leave('aborted');
        }).catch(() => undefined);
      },
    };
  }

  create(key: string, body: Uint8Array, options: UploadOptions): Promise<Created> {
    return this.#step('create', key, () => {
      if (this.#find(key, undefined)) return { kind: 'exists' as const };
      return { kind: 'created' as const, receipt: this.#add(key, Buffer.from(body), options) };
    });
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncIterable<StoredObject> {
    await this.#strike(this.#moment('list', prefix), 'before');
    const all = options.versions === 'all' ? [...this.#versions] : this.#newest();
    const found = all.filter(({ key }) => key.startsWith(prefix));
    const latest = new Set(new Map(this.#versions.map((one) => [one.key, one])).values());
    for (const one of found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)))
      yield this.#describe(one, latest.has(one));
  }

  head(key: string, version?: string): Promise<StoredObject | undefined> {
    return this.#step('head', key, () => {
      const found = this.#find(key, version);
      return found && this.#describe(found, this.#last(key) === found);
    });
  }

  read(key: string, { version }: { readonly version?: string } = {}): Promise<Readable> {
    return this.#step('read', key, () => {
      const found = this.#find(key, version);
      if (!found) throw new StoreError('missing', `no ${key}`);
      return Readable.from(chunksOf(found.bytes), { objectMode: false });
    });
  }

  remove(key: string, version: string | undefined): Promise<void> {
    return this.#step('remove', key, () => {
      if (version === undefined && this.#options.versions !== 'none') {
        this.#push({ key, bytes: Buffer.alloc(0), retainUntil: undefined, deleteMarker: true });
        return;
      }
      const found = this.#find(key, version);
      if (!found) throw new StoreError('missing', `no ${key}`);
      if (found.retainUntil && found.retainUntil > this.#now()) throw new StoreError('denied', `${key} is locked`);
      this.#versions.splice(this.#versions.indexOf(found), 1);
    });
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date(Date.UTC(2026, 10, 22));
  }

  #moment(step: StoreStep, key: string): Omit<StoreMoment, 'phase'> {
    const call = this.calls(step) + 1;
    this.#calls.set(step, call);
    return { step, key, call };
  }

  async #strike(moment: Omit<StoreMoment, 'phase'>, phase: StoreMoment['phase']): Promise<void> {
    await this.#options.fault?.({ ...moment, phase });
  }

  async #step<T>(step: StoreStep, key: string, work: () => T): Promise<T> {
    const moment = this.#moment(step, key);
    await this.#strike(moment, 'before');
    const answer = work();
    await this.#strike(moment, 'after');
    return answer;
  }

  #add(key: string, bytes: Buffer, { retainUntil }: UploadOptions, modified?: Date): Receipt {
    const locked = retainUntil ? this.locks === 'objects' && this.#options.locks !== 'refused' : undefined;
    const { version } = this.#push(
      { key, bytes, retainUntil: locked ? retainUntil : undefined, deleteMarker: false },
      modified,
    );
    const receipt: Receipt = {
      bytes: bytes.length,
      checksum: checksumOf(bytes),
      ...(version !== undefined && { version }),
      ...(locked !== undefined && { locked }),
    };
    return this.#options.receipt?.(receipt) ?? receipt;
  }

  #push(one: Omit<Version, 'version' | 'modified'>, modified = this.#now()): Version {
    const version = this.#options.versions === 'none' ? undefined : `v${(this.#pushed += 1)}`;
    const pushed = { ...one, version, modified };
    this.#versions.push(pushed);
    return pushed;
  }

  #pushed = 0;

  /** The newest is the one that was written last, as in the clouds. */
  #newest(): Version[] {
    const newest = new Map(this.#versions.map((one) => [one.key, one]));
    return [...newest.values()].filter(({ deleteMarker }) => !deleteMarker);
  }

  #last(key: string): Version | undefined {
    for (let at = this.#versions.length - 1; at >= 0; at -= 1)
      if (this.#versions[at]?.key === key) return this.#versions[at];
    return undefined;
  }

  #find(key: string, version: string | undefined): Version | undefined {
    if (version === undefined) {
      const newest = this.#last(key);
      return newest?.deleteMarker ? undefined : newest;
    }
    return this.#versions.find((one) => one.key === key && one.version === version);
  }

  #describe(one: Version, latest: boolean): StoredObject {
    const { key, bytes, modified, version, deleteMarker, retainUntil } = one;
    return {
      key,
      bytes: bytes.length,
      modified,
      latest,
      deleteMarker,
      ...(version !== undefined && { version }),
      ...(!deleteMarker && { checksum: checksumOf(bytes) }),
      ...(retainUntil && { retainUntil }),
    };
  }
}

/** By the buffer: bytes that are spoiled are another one. A year of backups is listed very often. */
const CHECKSUMS = new WeakMap<Buffer, string>();

function checksumOf(bytes: Buffer): string {
  const known = CHECKSUMS.get(bytes) ?? `sha256:${createHash('sha256').update(bytes).digest('base64')}`;
  CHECKSUMS.set(bytes, known);
  return known;
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}
