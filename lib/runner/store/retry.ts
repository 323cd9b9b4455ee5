import type { Machine } from '../machine';
import type { StoreError } from './store';

/** How often and how patiently a request is tried. */
export interface Patience {
  readonly attempts: number;
  readonly firstMilliseconds: number;
  readonly longestMilliseconds: number;
}

/** About a minute on average: long enough for throttling and a failover, short enough to drop a store that is down. */
export const PATIENCE: Patience = { attempts: 10, firstMilliseconds: 200, longestMilliseconds: 20_000 };

/** For what is done while a run ends, which has ten seconds. */
export const HURRY: Patience = { attempts: 2, firstMilliseconds: 100, longestMilliseconds: 500 };

/** What a failed request means, and whether the same request may go well in a moment. */
export interface Verdict<Failure extends Error = StoreError> {
  readonly error: Failure;
  readonly again: boolean;
}

export interface RetryOptions<Failure extends Error = StoreError> {
  readonly machine: Pick<Machine, 'log' | 'wait' | 'randomHex'>;
  /** Word of the log lines. @default 'store_retry' */
  readonly event?: string;
  /** For the log, such as `s3://bucket: upload of part 7`. */
  readonly what: string;
  readonly judge: (error: unknown) => Verdict<Failure>;
  /** @default - `PATIENCE` */
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
}

/**
 * Tries a request until it goes well, its failure is final, or patience ends; waits by exponential backoff with full
 * jitter, so that many uploads that were throttled together don't come back together.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export async function retrying<T, Failure extends Error = StoreError>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions<Failure>,
): Promise<T> {
  const { machine, what, judge, event = 'store_retry', patience = PATIENCE, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (thrown) {
      const { error, again } = judge(thrown);
      if (!again || attempt >= patience.attempts || signal?.aborted) throw error;
      const milliseconds = backoff(attempt, patience, machine);
      machine.log({
        level: 'warning',
        event,
        message: `${what}: ${error.message}; try ${attempt + 1} of ${patience.attempts} in ${milliseconds} ms`,
      });
      await machine.wait(milliseconds, signal);
      if (signal?.aborted) throw error;
    }
  }
}

/** Anything between nothing and a bound that doubles with each attempt. */
function backoff(
  attempt: number,
  { firstMilliseconds, longestMilliseconds }: Patience,
  machine: Pick<Machine, 'randomHex'>,
): number {
  const bound = Math.min(longestMilliseconds, firstMilliseconds * 2 ** (attempt - 1));
  return Math.round((bound * parseInt(machine.randomHex(4), 16)) / 0xffffffff);
}
