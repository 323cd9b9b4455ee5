import { Readable } from 'node:stream';
import type { StoreError } from './store';

export interface ReadableOptions {
  readonly failure: (error: unknown) => StoreError;
  /** A store that sends nothing for so long is given up; the reader's own time does not count. @default - never */
  readonly idleMilliseconds?: number;
}

/** A store's stream whose failures are StoreErrors, in the middle too. */
export function readable(body: Readable, options: ReadableOptions): Readable {
  return Readable.from(withFailures(body, options), { objectMode: false });
}

async function* withFailures(body: Readable, { failure, idleMilliseconds }: ReadableOptions): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const { done, value } = await inTime(body, chunks.next(), idleMilliseconds);
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw failure(error);
  } finally {
    body.destroy();
  }
}

async function inTime<T>(body: Readable, next: Promise<T>, milliseconds: number | undefined): Promise<T> {
  if (milliseconds === undefined) return next;
  const silent = Object.assign(new Error('the store sends nothing more'), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => body.destroy(silent), milliseconds);
  return next.finally(() => clearTimeout(timer));
}
