import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { PartTarget } from './parted-upload';
import { HURRY } from './retry';
import type { S3Bucket } from './s3-bucket';
import { compositeSha256, servedChecksum, sha256Base64 } from './s3-checksum';
import { s3Code, s3Status } from './s3-error';
import type { S3Lock } from './s3-lock';
import { StoreError } from './store';
import type { Receipt, UploadOptions } from './store';

/** Bytes listed under a key, for a writer that may list and not read. */
export type ListedBytes = (key: string) => Promise<number | undefined>;

type Part = CompletedPart & { readonly ChecksumSHA256: string; readonly PartNumber: number };

interface Answer {
  readonly ETag?: string;
  readonly VersionId?: string;
  readonly ChecksumSHA256?: string;
}

/**
 * One object as S3 takes it: a single PUT, or a multipart upload. Both end with `If-None-Match: *`, so nothing is ever
 * overwritten. Where an answer was lost, the list entry settles it: nobody else knows the key of a random attempt.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export class S3Parts implements PartTarget<Part> {
  #upload: Promise<string> | undefined;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly lock: S3Lock,
    private readonly listed: ListedBytes,
    private readonly key: string,
    private readonly options: UploadOptions,
  ) {}

  whole(body: Buffer, signal: AbortSignal): Promise<Receipt> {
    return this.#settle(body.length, sha256Base64(body), signal, () => this.put(body, signal));
  }

  /** The whole object in one request, which fails where the name is taken. */
  async put(body: Buffer, abortSignal: AbortSignal): Promise<Receipt> {
    const ChecksumSHA256 = sha256Base64(body);
    const answer = await this.lock.apply(this.options, (locked) =>
      this.bucket.client.send(
        new PutObjectCommand({ ...this.#object(), ...locked, Body: body, ChecksumSHA256, IfNoneMatch: '*' }),
        { abortSignal },
      ),
    );
    return this.#receipt(body.length, ChecksumSHA256, answer);
  }

  async part(PartNumber: number, body: Buffer, signal: AbortSignal): Promise<Part> {
    const UploadId = await (this.#upload ??= this.#begin(signal));
    const ChecksumSHA256 = sha256Base64(body);
    const { ETag } = await this.bucket.ask(
      `part ${PartNumber} of ${this.key}`,
      () =>
        this.bucket.client.send(
          new UploadPartCommand({
            ...this.bucket.whose,
            Key: this.key,
            UploadId,
            PartNumber,
            Body: body,
            ContentLength: body.length,
            ChecksumSHA256,
          }),
          { abortSignal: signal },
        ),
      { signal },
    );
    return { PartNumber, ChecksumSHA256, ETag };
  }

  async commit(parts: readonly Part[], bytes: number, abortSignal: AbortSignal): Promise<Receipt> {
    const UploadId = await this.#upload;
    const checksum = compositeSha256(parts.map((one) => one.ChecksumSHA256));
    return this.#settle(bytes, checksum, abortSignal, async () => {
      const command = new CompleteMultipartUploadCommand({
        ...this.bucket.whose,
        Key: this.key,
        UploadId,
        MultipartUpload: { Parts: [...parts] },
        IfNoneMatch: '*',
      });
      return this.#receipt(bytes, checksum, await this.bucket.client.send(command, { abortSignal }));
    });
  }

  async abandon(): Promise<void> {
    const UploadId = await this.#upload?.catch(() => undefined);
    if (!UploadId) return;
    const command = new AbortMultipartUploadCommand({ ...this.bucket.whose, Key: this.key, UploadId });
    const signal = AbortSignal.timeout(5000);
    try {
      await this.bucket.ask(`abort of ${this.key}`, () => this.bucket.client.send(command, { abortSignal: signal }), {
        patience: HURRY,
        signal,
      });
    } catch (error) {
      // The bucket's rule for incomplete uploads takes it away.
      const message = `an incomplete upload of ${this.key} may remain: ${error instanceof Error ? error.message : String(error)}`;
      this.bucket.machine.log({ level: 'warning', event: 'upload_left', message });
    }
  }

  async #begin(signal: AbortSignal): Promise<string> {
    const { UploadId } = await this.bucket.ask(
      `start of ${this.key}`,
      () =>
        this.lock.apply(this.options, (locked) =>
          this.bucket.client.send(
            new CreateMultipartUploadCommand({
              ...this.#object(),
              ...locked,
              ChecksumAlgorithm: 'SHA256',
              ChecksumType: 'COMPOSITE',
            }),
            { abortSignal: signal },
          ),
        ),
      { signal },
    );
    if (!UploadId) throw new StoreError('refused', `${this.bucket.url}: the store gave no upload id for ${this.key}`);
    return UploadId;
  }

  #object() {
    return { ...this.bucket.whose, Key: this.key, ContentType: this.options.contentType ?? 'application/octet-stream' };
  }

  /** Sends what makes the object appear; an answer that the name is taken or the upload gone may be our own success. */
  #settle(bytes: number, checksum: string, signal: AbortSignal, send: () => Promise<Receipt>): Promise<Receipt> {
    return this.bucket.ask(
      `end of ${this.key}`,
      async () => {
        try {
          return await send();
        } catch (error) {
          if (!mayBeOurs(error)) throw error;
          const there = await this.listed(this.key);
          if (there === bytes) return this.#receipt(bytes, checksum, {});
          throw there === undefined ? gone(error, this.bucket.url, this.key) : error;
        }
      },
      { signal },
    );
  }

  #receipt(bytes: number, checksum: string, { ETag, VersionId, ChecksumSHA256 }: Answer): Receipt {
    if (ChecksumSHA256 !== undefined && normal(ChecksumSHA256) !== normal(checksum)) {
      const message = `${this.bucket.url}/${this.key}: the store computes sha256 ${ChecksumSHA256} and we ${checksum}`;
      throw new StoreError('damaged', message);
    }
    const locked = this.lock.locked(this.options);
    return {
      bytes,
      checksum: servedChecksum({ ChecksumSHA256: checksum }),
      ...(ETag !== undefined && { etag: ETag }),
      ...(VersionId !== undefined && { version: VersionId }),
      ...(locked !== undefined && { locked }),
    };
  }
}

/** Some servers leave the number of parts out of a composite. */
function normal(checksum: string): string {
  return checksum.replace(/-\d+$/, '');
}

function mayBeOurs(error: unknown): boolean {
  return s3Status(error) === 412 || s3Status(error) === 409 || s3Code(error) === 'NoSuchUpload';
}

/** The upload is gone and so is its object: another attempt of the run is worth it, the same request is not. */
function gone(error: unknown, url: string, key: string): unknown {
  if (s3Code(error) !== 'NoSuchUpload') return error;
  return new StoreError('retry', `${url}: the upload of ${key} is gone, and no object came of it`, { cause: error });
}
