import { Readable } from 'node:stream';
import type { StoreError } from './store';

/** A store's stream whose failures are StoreErrors, in the middle too. */
export function readable(body: Readable, failure: (error: unknown) => StoreError): Readable {
  return Readable.from(withFailures(body, failure), { objectMode: false });
}

async function* withFailures(body: Readable, failure: (error: unknown) => StoreError): AsyncGenerator<Buffer> {
  try {
    yield* body as AsyncIterable<Buffer>;
  } catch (error) {
    throw failure(error);
  }
}
