import { createHash } from 'node:crypto';
import type { BlockBlobClient } from '@azure/storage-blob';
import type { AzureContainer } from './azure-container';
import { isTaken } from './azure-error';
import type { PartTarget } from './parted-upload';
import { StoreError } from './store';
import type { Receipt, UploadOptions } from './store';

interface Answer {
  readonly etag?: string;
  readonly versionId?: string;
}

/**
 * One block blob: blocks that the service checks by MD5 (its CRC64 has no native code in Node), then the list of them,
 * under `If-None-Match: *`. Blocks without a list are no blob, and the service drops them after a week.
 * https://learn.microsoft.com/rest/api/storageservices/put-block-list
 */
export class AzureParts implements PartTarget<string> {
  readonly #blob: BlockBlobClient;

  constructor(
    private readonly container: AzureContainer,
    private readonly listed: (key: string) => Promise<number | undefined>,
    private readonly key: string,
    private readonly options: UploadOptions,
    /** Tells this attempt's blocks from those of others under the same name. */
    private readonly attempt: string,
  ) {
    this.#blob = container.client.getBlockBlobClient(key);
  }

  whole(body: Buffer, signal: AbortSignal): Promise<Receipt> {
    return this.#settle(body.length, signal, (abortSignal) => this.put(body, abortSignal));
  }

  /** The whole blob in one request. The service computes its MD5; what it holds of another is not what we sent. */
  async put(body: Buffer, abortSignal: AbortSignal): Promise<Receipt> {
    const md5 = createHash('md5').update(body).digest();
    const answer = await this.#blob.upload(body, body.length, {
      abortSignal,
      conditions: { ifNoneMatch: '*' },
      blobHTTPHeaders: { ...this.#headers(), blobContentMD5: md5 },
    });
    if (answer.contentMD5 && !md5.equals(answer.contentMD5)) {
      throw new StoreError('damaged', `${this.container.url}/${this.key}: the store has another MD5 than we sent`);
    }
    return { ...receipt(body.length, answer), checksum: `md5:${md5.toString('base64')}` };
  }

  async part(number: number, body: Buffer, signal: AbortSignal): Promise<string> {
    const id = Buffer.from(`${this.attempt}-${String(number).padStart(6, '0')}`).toString('base64');
    const transactionalContentMD5 = createHash('md5').update(body).digest();
    await this.container.ask(
      `block ${number} of ${this.key}`,
      (abortSignal) => this.#blob.stageBlock(id, body, body.length, { abortSignal, transactionalContentMD5 }),
      { signal },
    );
    return id;
  }

  /** No checksum: of a blob made of blocks the service computes none. */
  commit(ids: readonly string[], bytes: number, signal: AbortSignal): Promise<Receipt> {
    return this.#settle(bytes, signal, async (abortSignal) => {
      const answer = await this.#blob.commitBlockList([...ids], {
        abortSignal,
        conditions: { ifNoneMatch: '*' },
        blobHTTPHeaders: this.#headers(),
      });
      return receipt(bytes, answer);
    });
  }

  abandon(): Promise<void> {
    return Promise.resolve();
  }

  #headers() {
    return { blobContentType: this.options.contentType ?? 'application/octet-stream' };
  }

  /** Nobody else knows the key of a random attempt: a name that is taken, at our size, is our own lost answer. */
  #settle(bytes: number, signal: AbortSignal, send: (abortSignal: AbortSignal) => Promise<Receipt>): Promise<Receipt> {
    return this.container.ask(
      `end of ${this.key}`,
      async (abortSignal) => {
        try {
          return await send(abortSignal);
        } catch (error) {
          if (isTaken(error) && (await this.listed(this.key)) === bytes) return { bytes };
          throw error;
        }
      },
      { signal },
    );
  }
}

function receipt(bytes: number, { etag, versionId }: Answer): Receipt {
  return {
    bytes,
    ...(etag !== undefined && { etag }),
    ...(versionId !== undefined && { version: versionId }),
  };
}
