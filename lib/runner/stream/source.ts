import type { SourceStream } from '../engine/engine';
import type { Reading } from './stream-view';

/** Larger chunks are cut, so that what is buffered can be bounded by counting. */
export const PIECE_BYTES = 1024 * 1024;

/** How long a broken output waits for its producer to say why. */
const REASON_MILLISECONDS = 3000;

/**
 * The engine's bytes, counted. Ends only when the producer ended well: whatever follows may take the end of this for
 * the end of the backup.
 */
export async function* readSource(
  source: SourceStream,
  reading: Reading,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { output, ended } = source;
  signal.throwIfAborted();
  const stop = () => void output.destroy();
  signal.addEventListener('abort', stop, { once: true });
  // A producer that failed while something else still holds its pipe open.
  ended.catch((error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    reading.waiting = true;
    for await (const chunk of output as AsyncIterable<Uint8Array>) {
      reading.waiting = false;
      reading.raw.add(chunk);
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
      reading.waiting = true;
    }
    await ended;
  } catch (error) {
    signal.throwIfAborted();
    await reasonOf(ended);
    throw error;
  } finally {
    reading.waiting = false;
    signal.removeEventListener('abort', stop);
  }
}

/** Rejects as the producer did, since an engine knows better what happened than its pipe; else resolves soon. */
async function reasonOf(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, REASON_MILLISECONDS)));
  try {
    await Promise.race([ended, patience]);
  } finally {
    clearTimeout(timer);
  }
}
