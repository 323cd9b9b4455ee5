import { Crc32c } from './crc32c';
import type { GcsBucket } from './gcs-bucket';
import { gcsStatus } from './gcs-error';
import { GcsSession } from './gcs-session';
import type { GcsObject, Progress } from './gcs-session';
import type { PartTarget } from './parted-upload';
import { StoreError } from './store';
import type { Receipt, StoredObject, UploadOptions } from './store';

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
    private readonly listed: (key: string) => Promise<StoredObject | undefined>,
    private readonly key: string,
    private readonly options: UploadOptions,
  ) {}

  whole(body: Buffer, signal: AbortSignal): Promise<Receipt> {
    return this.#settle(body.length, crc32c(body), signal, () => this.put(body));
  }

  /** The whole object in one request; the service refuses bytes with another checksum. */
  async put(body: Buffer): Promise<Receipt> {
    const checksum = crc32c(body);
    const file = this.bucket.client.file(this.key);
    await file.save(body, {
      resumable: false,
      validation: false,
      preconditionOpts: { ifGenerationMatch: 0 },
      metadata: { contentType: this.#contentType(), crc32c: checksum },
    });
    return this.#receipt(body.length, checksum, file.metadata);
  }

  async part(_number: number, body: Buffer, signal: AbortSignal): Promise<void> {
    this.#session ??= await this.#begin(signal);
    this.#crc.update(body);
    if (body.length % GRAIN === 0) await this.#send(this.#session, body, undefined, signal);
    else this.#tail = Buffer.from(body);
  }

  commit(_parts: readonly void[], bytes: number, signal: AbortSignal): Promise<Receipt> {
    return this.#settle(bytes, this.#crc.base64(), signal, async () => {
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

  /**
   * Sends all of a chunk. Sent twice is no harm: the service ignores bytes that it holds already, and says how far it
   * is, which may be short of what it was sent.
   * https://cloud.google.com/storage/docs/resumable-uploads#integrity-checks
   */
  async #send(session: GcsSession, body: Buffer, total: number | undefined, signal: AbortSignal): Promise<Progress> {
    const start = this.#offset;
    const end = start + body.length;
    const crc32c = total === undefined ? undefined : this.#crc.base64();
    for (;;) {
      const from = this.#offset;
      const rest = body.subarray(from - start);
      const answer = await this.bucket.ask(
        `bytes from ${from} of ${this.key}`,
        () => session.send(rest, from, total, crc32c, signal),
        signal,
      );
      if (answer.kind === 'done') return answer;
      const { held } = answer;
      if (held < from || held > end || (held === from && rest.length > 0)) {
        throw new StoreError('retry', `${this.bucket.url}/${this.key}: the store holds ${held} bytes of ${end}`);
      }
      this.#offset = held;
      if (held === end) return answer;
    }
  }

  /** Nobody else knows the key of a random attempt: what is listed at our size and checksum is our own lost answer. */
  async #settle(bytes: number, crc32c: string, signal: AbortSignal, send: () => Promise<Receipt>): Promise<Receipt> {
    try {
      return await this.bucket.ask(`end of ${this.key}`, send, signal);
    } catch (error) {
      if (!(error instanceof StoreError) || !mayBeOurs(error)) throw error;
      const there = await this.listed(this.key);
      if (there?.bytes !== bytes || there.checksum !== `crc32c:${crc32c}`) throw error;
      const { checksum, etag, version } = there;
      return { bytes, checksum, ...(etag !== undefined && { etag }), ...(version !== undefined && { version }) };
    }
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

function crc32c(body: Buffer): string {
  const crc = new Crc32c();
  crc.update(body);
  return crc.base64();
}

/** Answers to the last request that a finished upload gives too: the name is taken, the session is over. */
function mayBeOurs({ kind, cause }: StoreError): boolean {
  return kind === 'foreign' || kind === 'missing' || kind === 'refused' || (cause && gcsStatus(cause)) === 410;
}
