import type { Encoding, Segment } from '../../contract';
import type { Store } from '../store/store';
import { StoreError } from '../store/store';
import type { ReadBackOptions } from './read-back';
import { Tally } from './tally';

export interface ReadSegmentsOptions extends Pick<ReadBackOptions, 'folder' | 'version'> {
  readonly signal: AbortSignal;
}

/**
 * The stored bytes of an encoding, segment by segment, each compared with its size and hash. A segment's end is reached
 * only when it agrees, and so is the end of all: what a copier stores elsewhere from here is what was stored first.
 */
export async function* readSegments(
  encoding: Encoding,
  store: Store,
  options: ReadSegmentsOptions,
): AsyncGenerator<Uint8Array> {
  const whole = new Tally();
  for (const segment of encoding.segments) {
    for await (const chunk of readSegment(segment, store, options)) {
      whole.add(chunk);
      yield chunk;
    }
  }
  const { bytes, sha256 } = whole.soFar();
  if (bytes !== encoding.bytes || sha256 !== encoding.sha256) {
    throw new StoreError('damaged', `the segments in ${store.id} are whole, and together not what the manifest says`);
  }
}

async function* readSegment(
  segment: Segment,
  store: Store,
  { folder, version, signal }: ReadSegmentsOptions,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  const key = `${folder}/${segment.name}`;
  const told = version?.(key) ?? segment.receipts.find((one) => one.store === store.id)?.version;
  const body = await store.read(key, { ...(told !== undefined && { version: told }) });
  const stop = () => void body.destroy();
  body.on('error', () => undefined);
  signal.addEventListener('abort', stop, { once: true });
  const tally = new Tally();
  try {
    signal.throwIfAborted();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      tally.add(chunk);
      if (tally.bytes > segment.bytes) throw damaged(store, key, `it has more than ${segment.bytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StoreError) throw error;
    throw new StoreError('retry', `${key} in ${store.id} can not be read to its end`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    body.destroy();
  }
  const { bytes, sha256 } = tally.soFar();
  if (bytes !== segment.bytes) throw damaged(store, key, `it has ${bytes} bytes instead of ${segment.bytes}`);
  if (sha256 !== segment.sha256) throw damaged(store, key, 'its bytes are not those that were stored');
}

function damaged(store: Store, key: string, why: string): StoreError {
  return new StoreError('damaged', `${key} in ${store.id}: ${why}`);
}
