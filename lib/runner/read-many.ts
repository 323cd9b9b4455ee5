import { Readable } from 'node:stream';

/** Small objects that are asked for at once: one after the other, those of a year would take longer than a run may. */
export const READ_AT_ONCE = 16;

/**
 * Reads what a list holds, many at once. Answers come in the order of the list; the first that fails ends it with its
 * error. https://nodejs.org/docs/latest-v20.x/api/stream.html#readablemapfn-options
 */
export function readMany<Named, Answer extends object>(
  list: readonly Named[],
  read: (named: Named) => Promise<Answer>,
): AsyncIterable<Answer> {
  return Readable.from(list).map(read, { concurrency: READ_AT_ONCE }) as AsyncIterable<Answer>;
}
