import { GcsAnswer } from './gcs-error';

/** What the service has of an upload: so many bytes, or the finished object. */
export type Progress =
  { readonly kind: 'bytes'; readonly held: number } | { readonly kind: 'done'; readonly object: GcsObject };

/** The fields of an object's resource that a receipt needs. */
export interface GcsObject {
  readonly size?: string | number;
  readonly crc32c?: string;
  readonly etag?: string;
  readonly generation?: string | number;
}

/**
 * Requests of one session of a resumable upload. Its address carries the right to it, so that no credential expires
 * under a long upload. The library's own sender counts its retries and ten minutes over the whole upload, and takes
 * a lost last answer for lost data, so that it is not used here.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 */
export class GcsSession {
  constructor(
    private readonly address: string,
    private readonly idleMilliseconds: number,
  ) {}

  /** Sends bytes from an offset; with `total` they are the last. */
  send(body: Buffer, offset: number, total: number | undefined, crc32c: string | undefined, signal: AbortSignal) {
    const end = total ?? '*';
    const range = body.length > 0 ? `bytes ${offset}-${offset + body.length - 1}/${end}` : `bytes */${end}`;
    // The service refuses to make an object of bytes with another checksum.
    return this.#put(body, { 'content-range': range, ...(crc32c && { 'x-goog-hash': `crc32c=${crc32c}` }) }, signal);
  }

  async cancel(signal: AbortSignal): Promise<void> {
    await fetch(this.address, { method: 'DELETE', signal, headers: { 'content-length': '0' } });
  }

  async #put(body: Buffer, headers: Record<string, string>, signal: AbortSignal): Promise<Progress> {
    const silence = AbortSignal.timeout(this.idleMilliseconds * 5);
    const answer = await fetch(this.address, {
      method: 'PUT',
      headers,
      body,
      // 308 says here that the service waits for more.
      redirect: 'manual',
      signal: AbortSignal.any([signal, silence]),
    }).catch((error: unknown) => {
      if (silence.aborted && !signal.aborted) throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
      throw error;
    });
    const text = await answer.text();
    if (answer.status === 308) return { kind: 'bytes', held: heldBytes(answer.headers.get('range')) };
    if (!answer.ok) throw new GcsAnswer(answer.status, words(text) || answer.statusText);
    return { kind: 'done', object: JSON.parse(text) as GcsObject };
  }
}

function heldBytes(range: string | null): number {
  const last = /-(\d+)$/.exec(range ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

function words(text: string): string {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message ?? '';
  } catch {
    return text.split('\n')[0] ?? '';
  }
}
