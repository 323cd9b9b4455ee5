import { Storage } from '@google-cloud/storage';
import type { Bucket } from '@google-cloud/storage';
import type { Machine } from '../machine';
import { judgeGcs } from './gcs-error';
import type { StoreLimits } from './limits';
import { PATIENCE, retrying } from './retry';

/** Which bucket, as a task or a URL names it. */
export interface GcsTarget {
  readonly id: string;
  readonly bucket: string;
}

/** A client of one bucket that retries by our rules. */
export class GcsBucket {
  readonly url: string;
  readonly client: Bucket;
  #worked = false;

  constructor(
    target: GcsTarget,
    readonly machine: Machine,
    readonly limits: StoreLimits,
  ) {
    const endpoint = machine.environment.STORAGE_EMULATOR_HOST;
    const storage = new Storage({
      ...(endpoint && { apiEndpoint: endpoint }),
      // The library's retries know neither our clock nor our bound.
      retryOptions: { autoRetry: false, maxRetries: 0 },
      timeout: limits.idleMilliseconds,
    });
    this.url = `gs://${target.bucket}`;
    this.client = storage.bucket(target.bucket);
  }

  /** One request with retries; the work is told which try it is. */
  ask<T>(what: string, work: (attempt: number) => Promise<T>, signal: AbortSignal = this.machine.signal): Promise<T> {
    return retrying(
      async (attempt) => {
        signal.throwIfAborted();
        const answer = await work(attempt);
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
}
