import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import type { Machine } from '../machine';
import type { Thawing } from './archive';
import { createOnce } from './create-once';
import { S3_LIMITS, largestBytes } from './limits';
import type { StoreLimits } from './limits';
import { partedUpload } from './parted-upload';
import { readable } from './readable';
import { archiveInHead, s3Thawing } from './s3-archive';
import { S3Bucket } from './s3-bucket';
import type { S3Target } from './s3-bucket';
import { servedChecksum, signByChecksum } from './s3-checksum';
import { judgeS3, s3Status } from './s3-error';
import { listNewest, listVersions } from './s3-list';
import { S3Lock } from './s3-lock';
import { S3Parts } from './s3-parts';
import { StoreError } from './store';
import type { Created, ListOptions, Store, StoredObject, Upload, UploadOptions } from './store';

/** A bucket of S3, or of a server that speaks its protocol. */
export function openS3(target: S3Target, machine: Machine, limits: Partial<StoreLimits> = {}): Store {
  return new S3Store(target, machine, { ...S3_LIMITS, ...machine.storeLimits, ...limits });
}

class S3Store implements Store {
  readonly id: string;
  readonly url: string;
  readonly encryption = 'store';
  readonly largestBytes: number;
  readonly locks = 'objects';
  readonly thawing: Thawing;
  readonly #bucket: S3Bucket;
  readonly #lock: S3Lock;

  constructor(
    target: S3Target,
    private readonly machine: Machine,
    private readonly limits: StoreLimits,
  ) {
    this.id = target.id;
    this.largestBytes = largestBytes(limits);
    this.#bucket = new S3Bucket(target, machine, limits);
    this.#lock = new S3Lock(this.#bucket);
    this.url = this.#bucket.url;
    this.thawing = s3Thawing(this.#bucket);
    signByChecksum(this.#bucket.client);
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
        put: () => parts.put(Buffer.from(body), this.machine.signal),
        isTaken: (error) => s3Status(error) === 412,
        read: () => this.read(key),
      }),
    );
  }

  list(prefix: string, options: ListOptions = {}): AsyncIterable<StoredObject> {
    return options.versions === 'all' ? listVersions(this.#bucket, prefix) : listNewest(this.#bucket, prefix);
  }

  async head(key: string, version?: string): Promise<StoredObject | undefined> {
    return this.#bucket.ask(`look at ${key}`, async () => {
      try {
        const seen = await this.#bucket.client.send(
          new HeadObjectCommand({ ...this.#bucket.whose, Key: key, VersionId: version, ChecksumMode: 'ENABLED' }),
          { abortSignal: this.machine.signal },
        );
        const checksum = servedChecksum(seen);
        const held = version ?? seen.VersionId;
        return {
          key,
          bytes: seen.ContentLength ?? 0,
          modified: seen.LastModified ?? new Date(0),
          latest: version === undefined,
          deleteMarker: false,
          ...(held !== undefined && { version: held }),
          ...(checksum !== undefined && { checksum }),
          ...(seen.ETag !== undefined && { etag: seen.ETag }),
          ...(seen.StorageClass !== undefined && { storageClass: seen.StorageClass }),
          ...archiveInHead(seen),
          ...(seen.ObjectLockRetainUntilDate !== undefined && { retainUntil: seen.ObjectLockRetainUntilDate }),
        };
      } catch (error) {
        // 405: that version is a delete marker.
        if (s3Status(error) === 404 || s3Status(error) === 405) return undefined;
        throw error;
      }
    });
  }

  async read(key: string, options: { readonly version?: string } = {}): Promise<Readable> {
    const { Body } = await this.#bucket.ask(`read of ${key}`, () =>
      this.#bucket.client.send(new GetObjectCommand({ ...this.#bucket.whose, Key: key, VersionId: options.version }), {
        abortSignal: this.machine.signal,
      }),
    );
    if (!Body) throw new StoreError('damaged', `${this.url}/${key}: the store answered without a body`);
    return readable(Body as Readable, {
      failure: (error) => judgeS3(error, `${this.url}/${key}`, () => true).error,
      idleMilliseconds: this.limits.idleMilliseconds,
    });
  }

  async remove(key: string, version: string | undefined): Promise<void> {
    await this.#bucket.ask(`removal of ${key}`, () =>
      this.#bucket.client.send(new DeleteObjectCommand({ ...this.#bucket.whose, Key: key, VersionId: version }), {
        abortSignal: this.machine.signal,
      }),
    );
  }

  close(): Promise<void> {
    this.#bucket.client.destroy();
    return Promise.resolve();
  }

  #parts(key: string, options: UploadOptions): S3Parts {
    return new S3Parts(this.#bucket, this.#lock, (name) => this.#listedBytes(name), key, options);
  }

  async #listedBytes(key: string): Promise<number | undefined> {
    const { Contents = [] } = await this.#bucket.ask(`look for ${key}`, () =>
      this.#bucket.client.send(new ListObjectsV2Command({ ...this.#bucket.whose, Prefix: key, MaxKeys: 1 }), {
        abortSignal: this.machine.signal,
      }),
    );
    return Contents[0]?.Key === key ? Contents[0].Size : undefined;
  }
}
