import type { File } from '@google-cloud/storage';
import type { Readable } from 'node:stream';
import type { Machine } from '../machine';
import { createOnce } from './create-once';
import { GcsBucket } from './gcs-bucket';
import type { GcsTarget } from './gcs-bucket';
import { gcsStatus, isGcsTaken, judgeGcs } from './gcs-error';
import { GcsParts } from './gcs-parts';
import { GCS_LIMITS, largestBytes } from './limits';
import type { StoreLimits } from './limits';
import { partedUpload } from './parted-upload';
import { readable } from './readable';
import type { Created, ListOptions, Store, StoredObject, Upload, UploadOptions } from './store';

/** A bucket of Google Cloud Storage. Locks are the bucket's own: `retainUntil` is not its objects' business. */
export function openGcs(target: GcsTarget, machine: Machine, limits: Partial<StoreLimits> = {}): Store {
  return new GcsStore(target, machine, { ...GCS_LIMITS, ...machine.storeLimits, ...limits, parallel: 1 });
}

class GcsStore implements Store {
  readonly id: string;
  readonly url: string;
  readonly encryption = 'store';
  readonly largestBytes: number;
  readonly locks = 'container';
  readonly #bucket: GcsBucket;

  constructor(
    target: GcsTarget,
    private readonly machine: Machine,
    private readonly limits: StoreLimits,
  ) {
    this.id = target.id;
    this.largestBytes = largestBytes(limits);
    this.#bucket = new GcsBucket(target, machine, limits);
    this.url = this.#bucket.url;
  }

  upload(key: string, options: UploadOptions): Upload {
    return partedUpload(this.#parts(key, options), this.limits, this.machine.signal);
  }

  create(key: string, body: Uint8Array, options: UploadOptions): Promise<Created> {
    const parts = this.#parts(key, options);
    return this.#bucket.ask(`creation of ${key}`, (attempt) =>
      createOnce(attempt, {
        key,
        body,
        put: () => parts.put(Buffer.from(body)),
        isTaken: isGcsTaken,
        read: () => this.read(key),
      }),
    );
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<StoredObject> {
    let pageToken: string | undefined;
    do {
      const query = {
        prefix,
        versions: options.versions === 'all',
        autoPaginate: false,
        ...(pageToken && { pageToken }),
      };
      const [files, next] = await this.#bucket.ask(`list of ${prefix}`, () => this.#bucket.client.getFiles(query));
      for (const file of files) yield described(file);
      pageToken = (next as { pageToken?: string } | null | undefined)?.pageToken;
    } while (pageToken !== undefined);
  }

  async head(key: string, version?: string): Promise<StoredObject | undefined> {
    return this.#bucket.ask(`look at ${key}`, async () => {
      const file = this.#file(key, version);
      try {
        await file.getMetadata();
        return described(file);
      } catch (error) {
        if (gcsStatus(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async read(key: string, options: { readonly version?: string } = {}): Promise<Readable> {
    const body = await this.#bucket.ask(`read of ${key}`, () => this.#bucket.download(key, options.version));
    return readable(body, {
      failure: (error) => judgeGcs(error, `${this.url}/${key}`, () => true).error,
      idleMilliseconds: this.limits.idleMilliseconds,
    });
  }

  async remove(key: string, version: string | undefined): Promise<void> {
    await this.#bucket.ask(`removal of ${key}`, () => this.#file(key, version).delete());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #parts(key: string, options: UploadOptions): GcsParts {
    return new GcsParts(this.#bucket, (name) => this.#listed(name), key, options);
  }

  #file(key: string, version: string | undefined): File {
    return this.#bucket.client.file(key, version === undefined ? {} : { generation: version });
  }

  async #listed(key: string): Promise<StoredObject | undefined> {
    for await (const object of this.list(key)) return object.key === key ? object : undefined;
    return undefined;
  }
}

function described({ name, metadata }: File): StoredObject {
  const { size = 0, updated, generation, timeDeleted, crc32c, etag, storageClass, retentionExpirationTime } = metadata;
  return {
    key: name,
    bytes: Number(size),
    modified: new Date(updated ?? 0),
    latest: timeDeleted === undefined,
    deleteMarker: false,
    ...(generation !== undefined && { version: String(generation) }),
    ...(crc32c !== undefined && { checksum: `crc32c:${crc32c}` }),
    ...(etag !== undefined && { etag }),
    ...(storageClass !== undefined && { storageClass }),
    ...(retentionExpirationTime !== undefined && { retainUntil: new Date(retentionExpirationTime) }),
  };
}
