import { Crc32c } from './crc32c';
import type { GcsBucket } from './gcs-bucket';
import { isGcsTaken } from './gcs-error';
import { GcsSession } from './gcs-session';
import type { GcsObject, Progress } from './gcs-session';
import type { PartTarget } from './parted-upload';
import { StoreError } from './store';
import type { Receipt, UploadOptions } from './store';

/** Every chunk but the last is a multiple of this. */
const GRAIN = 256 * 1024;

/**
 * One object of Google Cloud Storage under `ifGenerationMatch: 0`: a single request, or a resumable upload whose
 * chunks follow each other. A mismatch of CRC32C is refused before there is an object where the service is told it;
 * an object that came out wrong all the same is left alone, since a writer can't delete, and nothing refers to it.
 * https://cloud.google.com/storage/docs/request-preconditions
 */
export class GcsParts implements PartTarget<void> {
  readonly #crc = new Crc32c();
  #session: GcsSession | undefined;
  #offset = 0;
  #tail = Buffer.alloc(0);

  constructor(
    private readonly bucket: GcsBucket,
    private readonly listed: (key: string) => Promise<number | undefined>,
    private readonly key: string,
    private readonly options: UploadOptions,
  ) {}

  whole(body: Buffer, signal: AbortSignal): Promise<Receipt> {
    return this.#settle(body.length, signal, () => this.put(body));
  }

  /** The whole object in one request; the service refuses bytes with another checksum. */
  async put(body: Buffer): Promise<Receipt> {
    const crc = new Crc32c();
    crc.update(body);
    const file = this.bucket.client.file(this.key);
    await file.save(body, {
      resumable: false,
      validation: false,
      preconditionOpts: { ifGenerationMatch: 0 },
      metadata: { contentType: this.#contentType(), crc32c: crc.base64() },
    });
    return this.#receipt(body.length, crc.base64(), file.metadata);
  }

  async part(_number: number, body: Buffer, signal: AbortSignal): Promise<void> {
    this.#session ??= await this.#begin(signal);
    this.#crc.update(body);
    if (body.length % GRAIN === 0) await this.#send(this.#session, body, undefined, signal);
    else this.#tail = Buffer.from(body);
  }

  commit(_parts: readonly void[], bytes: number, signal: AbortSignal): Promise<Receipt> {
    return this.#settle(bytes, signal, async () => {
      if (!this.#session) throw new StoreError('refused', `${this.key} has no parts`);
      const answer = await this.#send(this.#session, this.#tail, bytes, signal);
      if (answer.kind === 'done') return this.#receipt(bytes, this.#crc.base64(), answer.object);
      throw new StoreError('damaged', `${this.bucket.url}/${this.key}: the store waits for more than ${bytes} bytes`);
    });
  }

  async abandon(): Promise<void> {
    // The service forgets a session after a week by itself.
    await this.#session?.cancel(AbortSignal.timeout(5000)).catch(() => undefined);
  }

  async #begin(signal: AbortSignal): Promise<GcsSession> {
    const [address] = await this.bucket.ask(
      `start of ${this.key}`,
      () =>
        this.bucket.client.file(this.key).createResumableUpload({
          preconditionOpts: { ifGenerationMatch: 0 },
          metadata: { contentType: this.#contentType() },
        }),
      signal,
    );
    return new GcsSession(address, this.bucket.limits.idleMilliseconds);
  }

  /** Sends all of a chunk, again from where the service has it: it may keep less than it was sent, or more than it said. */
  async #send(session: GcsSession, body: Buffer, total: number | undefined, signal: AbortSignal): Promise<Progress> {
    const start = this.#offset;
    const end = start + body.length;
    const crc32c = total === undefined ? undefined : this.#crc.base64();
    for (;;) {
      const answer = await this.bucket.ask(
        `bytes from ${this.#offset} of ${this.key}`,
        async (attempt) => {
          if (attempt > 1) {
            const held = await session.status(signal);
            if (held.kind === 'done') return held;
            this.#offset = this.#within(held.held, start, end);
            if (total === undefined && this.#offset === end) return held;
          }
          return session.send(body.subarray(this.#offset - start), this.#offset, total, crc32c, signal);
        },
        signal,
      );
      if (answer.kind === 'done') return answer;
      const before = this.#offset;
      this.#offset = this.#within(answer.held, start, end);
      if (this.#offset === end) return answer;
      if (this.#offset === before)
        throw new StoreError('retry', `${this.bucket.url}/${this.key}: the store takes no bytes`);
    }
  }

  #within(held: number, start: number, end: number): number {
    if (held >= start && held <= end) return held;
    throw new StoreError(
      'retry',
      `${this.bucket.url}/${this.key}: the store holds ${held} bytes, which were not sent so`,
    );
  }

  async #settle(bytes: number, signal: AbortSignal, send: () => Promise<Receipt>): Promise<Receipt> {
    return this.bucket.ask(
      `end of ${this.key}`,
      async () => {
        try {
          return await send();
        } catch (error) {
          const taken = isGcsTaken(error) || (error instanceof StoreError && error.kind === 'foreign');
          if (taken && (await this.listed(this.key)) === bytes) return { bytes };
          throw error;
        }
      },
      signal,
    );
  }

  #receipt(bytes: number, crc32c: string, object: GcsObject): Receipt {
    if (object.crc32c !== undefined && object.crc32c !== crc32c) {
      const message = `${this.bucket.url}/${this.key}: the store computes crc32c ${object.crc32c} and we ${crc32c}`;
      throw new StoreError('damaged', message);
    }
    return {
      bytes,
      checksum: `crc32c:${crc32c}`,
      ...(object.etag !== undefined && { etag: object.etag }),
      ...(object.generation !== undefined && { version: String(object.generation) }),
    };
  }

  #contentType(): string {
    return this.options.contentType ?? 'application/octet-stream';
  }
}
