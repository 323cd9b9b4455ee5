import { Storage } from '@google-cloud/storage';
import type { Bucket, StorageOptions } from '@google-cloud/storage';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { googlePool } from '../identity/google-pool';
import { webIdentityFor } from '../identity/web-identity';
import type { Machine } from '../machine';
import { rejection } from '../stream/deadline';
import { tokenAddress } from '../token-address';
import { GcsAnswer, judgeGcs } from './gcs-error';
import type { StoreLimits } from './limits';
import { PATIENCE, retrying } from './retry';
import { StoreError } from './store';

/** Which bucket, as a task or a URL names it. */
export interface GcsTarget {
  readonly id: string;
  readonly bucket: string;
}

/** A client of one bucket that retries by our rules. */
export class GcsBucket {
  readonly url: string;
  readonly client: Bucket;
  readonly #storage: Storage;
  #worked = false;

  constructor(
    target: GcsTarget,
    readonly machine: Machine,
    readonly limits: StoreLimits,
  ) {
    const identity = webIdentityFor('google', machine);
    const authClient = identity && googlePool(identity, machine);
    this.#storage = new Storage({
      ...endpointOf(machine),
      ...(authClient && { authClient }),
      // No request here needs a project. Where none is said, the library asks `gcloud`, if there is one, and hands it
      // the whole environment of this process.
      projectId: machine.environment.GOOGLE_CLOUD_PROJECT || 'unknown',
      // The library's retries know neither our clock nor our bound.
      retryOptions: { autoRetry: false, maxRetries: 0 },
      timeout: limits.idleMilliseconds,
    });
    this.url = `gs://${target.bucket}`;
    this.client = this.#storage.bucket(target.bucket);
  }

  /** One request with retries; the work is told which try it is. */
  ask<T>(what: string, work: (attempt: number) => Promise<T>, signal: AbortSignal = this.machine.signal): Promise<T> {
    return retrying(
      async (attempt) => {
        signal.throwIfAborted();
        const answer = await inTime(work(attempt), this.limits.idleMilliseconds * 5, signal);
        this.#worked = true;
        return answer;
      },
      {
        machine: this.machine,
        what: `${this.url}: ${what}`,
        judge: (error) => judgeGcs(error, this.url, () => this.#worked),
        patience: PATIENCE,
        signal,
      },
    );
  }

  /**
   * Bytes of an object. Not by the library: its transport (node-fetch 2) never ends a body whose connection was cut.
   * https://cloud.google.com/storage/docs/json_api/v1/objects/get
   */
  async download(key: string, generation: string | undefined): Promise<Readable> {
    const address = new URL(
      `${this.#storage.apiEndpoint}/storage/v1/b/${this.client.name}/o/${encodeURIComponent(key)}`,
    );
    address.searchParams.set('alt', 'media');
    if (generation !== undefined) address.searchParams.set('generation', generation);
    const answer = await fetch(address, { headers: await this.#headers(address), signal: this.machine.signal });
    if (!answer.ok) throw new GcsAnswer(answer.status, (await answer.text()).split('\n')[0] ?? '');
    return answer.body ? Readable.fromWeb(answer.body as ReadableStream) : Readable.from([]);
  }

  /** Stored bytes as they are, under the credentials that the library finds; an emulator has none. */
  async #headers(address: URL): Promise<Record<string, string>> {
    const identity = { 'accept-encoding': 'identity' };
    if (this.machine.environment.STORAGE_EMULATOR_HOST) return identity;
    return { ...identity, ...(await this.#storage.authClient.getRequestHeaders(address.href)) };
  }
}

/**
 * An emulator, which wants no credentials, or an endpoint of one's own, which does, in gcloud's own variable:
 * https://cloud.google.com/vpc/docs/configure-private-service-connect-apis
 */
function endpointOf({ environment }: Machine): StorageOptions {
  const { STORAGE_EMULATOR_HOST: emulator, CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: own } = environment;
  if (emulator) return { apiEndpoint: emulator };
  if (!own) return {};
  const address = tokenAddress(own);
  if (!address) {
    const message =
      'CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE is no address that a token can be sent to: set it to https://...';
    throw new StoreError('refused', message);
  }
  return { apiEndpoint: address.origin, useAuthWithCustomEndpoint: true };
}

/** The library's requests know no signal, and the start of a resumable upload no time limit: what hangs is left behind. */
async function inTime<T>(work: Promise<T>, milliseconds: number, signal: AbortSignal): Promise<T> {
  const silence = AbortSignal.timeout(milliseconds);
  const over = AbortSignal.any([signal, silence]);
  try {
    return await Promise.race([work, rejection(over)]);
  } catch (error) {
    work.catch(() => undefined);
    if (silence.aborted && !signal.aborted) throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
    throw error;
  }
}
