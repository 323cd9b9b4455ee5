import type { BlobItem, BlockBlobClient, ContainerListBlobFlatSegmentResponse } from '@azure/storage-blob';
import type { Readable } from 'node:stream';
import type { Machine } from '../machine';
import type { Thawing } from './archive';
import { azureArchive, azureThawing } from './azure-archive';
import { AzureContainer } from './azure-container';
import type { AzureTarget } from './azure-container';
import { azureCode, azureStatus, isTaken, judgeAzure } from './azure-error';
import { AzureParts } from './azure-parts';
import { createOnce } from './create-once';
import { AZURE_LIMITS, largestBytes } from './limits';
import type { StoreLimits } from './limits';
import { partedUpload } from './parted-upload';
import { readable } from './readable';
import { StoreError } from './store';
import type { Created, ListOptions, Store, StoredObject, Upload, UploadOptions } from './store';

/** A container of Azure Blob Storage. Locks are the container's own: `retainUntil` is not its objects' business. */
export function openAzure(target: AzureTarget, machine: Machine, limits: Partial<StoreLimits> = {}): Store {
  return new AzureStore(target, machine, { ...AZURE_LIMITS, ...machine.storeLimits, ...limits });
}

class AzureStore implements Store {
  readonly id: string;
  readonly url: string;
  readonly encryption = 'store';
  readonly largestBytes: number;
  readonly locks = 'container';
  readonly thawing: Thawing;
  readonly #container: AzureContainer;

  constructor(
    target: AzureTarget,
    private readonly machine: Machine,
    private readonly limits: StoreLimits,
  ) {
    this.id = target.id;
    this.largestBytes = largestBytes(limits);
    this.#container = new AzureContainer(target, machine, limits);
    this.url = this.#container.url;
    this.thawing = azureThawing(this.#container);
  }

  upload(key: string, options: UploadOptions): Upload {
    return partedUpload(this.#parts(key, options), this.limits, this.machine.signal);
  }

  create(key: string, body: Uint8Array, options: UploadOptions): Promise<Created> {
    const parts = this.#parts(key, options);
    return this.#container.ask(`creation of ${key}`, (abortSignal, attempt) =>
      createOnce(attempt, {
        key,
        body,
        put: () => parts.put(Buffer.from(body), abortSignal),
        isTaken,
        read: () => this.read(key),
      }),
    );
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<StoredObject> {
    const includeVersions = options.versions === 'all';
    let continuationToken: string | undefined;
    do {
      const page = await this.#page(prefix, includeVersions, continuationToken);
      for (const blob of page.segment.blobItems) yield listed(blob);
      continuationToken = page.continuationToken || undefined;
    } while (continuationToken !== undefined);
  }

  async head(key: string, version?: string): Promise<StoredObject | undefined> {
    return this.#container.ask(`look at ${key}`, async (abortSignal) => {
      try {
        const seen = await this.#blob(key, version).getProperties({ abortSignal });
        const held = version ?? seen.versionId;
        return {
          key,
          bytes: seen.contentLength ?? 0,
          modified: seen.lastModified ?? new Date(0),
          latest: seen.isCurrentVersion ?? version === undefined,
          deleteMarker: false,
          ...(held !== undefined && { version: held }),
          ...(seen.contentMD5 && { checksum: md5(seen.contentMD5) }),
          ...(seen.etag !== undefined && { etag: seen.etag }),
          ...(seen.accessTier !== undefined && { storageClass: seen.accessTier }),
          ...azureArchive(seen.accessTier, seen.archiveStatus),
          ...(seen.immutabilityPolicyExpiresOn && { retainUntil: seen.immutabilityPolicyExpiresOn }),
        };
      } catch (error) {
        if (azureStatus(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async read(key: string, options: { readonly version?: string } = {}): Promise<Readable> {
    // The request's own end is not the stream's: reading takes as long as it takes.
    const { readableStreamBody } = await this.#container.ask(`read of ${key}`, () =>
      this.#blob(key, options.version).download(undefined, undefined, { abortSignal: this.machine.signal }),
    );
    if (!readableStreamBody) throw new StoreError('damaged', `${this.url}/${key}: the store answered without a body`);
    return readable(readableStreamBody as Readable, {
      failure: (error) => judgeAzure(error, `${this.url}/${key}`, () => true).error,
      idleMilliseconds: this.limits.idleMilliseconds,
    });
  }

  async remove(key: string, version: string | undefined): Promise<void> {
    await this.#container.ask(`removal of ${key}`, async (abortSignal) => {
      try {
        await this.#blob(key, version).delete({ abortSignal });
      } catch (error) {
        // The current version goes only after it has become a former one.
        if (azureCode(error) !== 'OperationNotAllowedOnRootBlob') throw error;
        await this.#blob(key, undefined).delete({ abortSignal });
        await this.#blob(key, version).delete({ abortSignal });
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #parts(key: string, options: UploadOptions): AzureParts {
    return new AzureParts(this.#container, (name) => this.#listedBytes(name), key, options, this.machine.randomHex(8));
  }

  #blob(key: string, version: string | undefined): BlockBlobClient {
    const blob = this.#container.client.getBlockBlobClient(key);
    return version === undefined ? blob : (blob.withVersion(version) as BlockBlobClient);
  }

  #page(
    prefix: string,
    includeVersions: boolean,
    continuationToken: string | undefined,
  ): Promise<ContainerListBlobFlatSegmentResponse> {
    return this.#container.ask(`list of ${prefix}`, async (abortSignal) => {
      const pages = this.#container.client
        .listBlobsFlat({ abortSignal, ...(prefix && { prefix }), includeVersions })
        .byPage({ ...(continuationToken !== undefined && { continuationToken }) });
      const { value } = await pages.next();
      return value as ContainerListBlobFlatSegmentResponse;
    });
  }

  async #listedBytes(key: string): Promise<number | undefined> {
    for await (const object of this.list(key)) return object.key === key ? object.bytes : undefined;
    return undefined;
  }
}

function listed({ name, versionId, isCurrentVersion, properties }: BlobItem): StoredObject {
  return {
    key: name,
    bytes: properties.contentLength ?? 0,
    modified: properties.lastModified,
    latest: versionId === undefined || isCurrentVersion === true,
    deleteMarker: false,
    etag: properties.etag,
    ...(versionId !== undefined && { version: versionId }),
    ...(properties.contentMD5 && { checksum: md5(properties.contentMD5) }),
    ...(properties.accessTier !== undefined && { storageClass: properties.accessTier }),
    ...azureArchive(properties.accessTier, properties.archiveStatus),
    ...(properties.immutabilityPolicyExpiresOn && { retainUntil: properties.immutabilityPolicyExpiresOn }),
  };
}

function md5(value: Uint8Array): string {
  return `md5:${Buffer.from(value).toString('base64')}`;
}
