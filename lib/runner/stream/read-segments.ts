import type { Encoding, Segment } from '../../contract';
import type { PlacedObject } from '../placement';
import type { Store } from '../store/store';
import { StoreError } from '../store/store';
import type { ReadBackOptions } from './read-back';
import { Tally } from './tally';

export interface ReadSegmentsOptions extends Pick<ReadBackOptions, 'folder' | 'version' | 'placed'> {
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

/** One segment of them: its end is reached only when its size and hash agree. */
export async function* readSegment(
  segment: Segment,
  store: Store,
  { folder, version, placed, signal }: ReadSegmentsOptions,
): AsyncGenerator<Uint8Array> {
  const place = placed?.(segment.name);
  const key = place?.key ?? `${folder}/${segment.name}`;
  const told = place
    ? place.version
    : (version?.(key) ?? segment.receipts.find((one) => one.store === store.id)?.version);
  const tally = new Tally();
  for await (const chunk of readObject(store, { key, ...(told !== undefined && { version: told }) }, signal)) {
    tally.add(chunk);
    if (tally.bytes > segment.bytes) throw damaged(store, key, `it has more than ${segment.bytes} bytes`);
    yield chunk;
  }
  const { bytes, sha256 } = tally.soFar();
  if (bytes !== segment.bytes) throw damaged(store, key, `it has ${bytes} bytes instead of ${segment.bytes}`);
  if (sha256 !== segment.sha256) throw damaged(store, key, 'its bytes are not those that were stored');
}

/** The bytes of one object; ends early with the signal, and as a StoreError when the store does not send all of them. */
export async function* readObject(
  store: Store,
  { key, version }: Pick<PlacedObject, 'key' | 'version'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  const body = await store.read(key, { ...(version !== undefined && { version }) });
  const stop = () => void body.destroy();
  body.on('error', () => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StoreError) throw error;
    throw new StoreError('retry', `${key} in ${store.id} can not be read to its end`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    body.destroy();
  }
}

/** SHA-256 and size of one object, read in full. */
export async function digestOf(
  store: Store,
  object: Pick<PlacedObject, 'key' | 'version'>,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const tally = new Tally();
  for await (const chunk of readObject(store, object, signal)) tally.add(chunk);
  return tally.soFar();
}

function damaged(store: Store, key: string, why: string): StoreError {
  return new StoreError('damaged', `${key} in ${store.id}: ${why}`);
}
