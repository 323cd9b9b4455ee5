import type { Segment } from '../../contract';
import type { PlacedObject } from '../placement';
import type { Receipt, Store, StoredObject } from '../store/store';
import { StoreError } from '../store/store';
import { digestOf, readSegment } from '../stream/read-segments';
import type { Destination } from './destination';

/** Whose fault it is that something was not copied. */
export interface CopyFailure {
  readonly side: 'source' | 'destination';
  readonly error: StoreError;
}

export interface SegmentCopy {
  readonly segment: Segment;
  readonly source: Store;
  /** Where the source's ledger says that it lies. */
  readonly from: PlacedObject;
  readonly destination: Store;
  /** Key in the destination, under a random attempt: nobody else writes there. */
  readonly to: string;
  readonly retainUntil: Date | undefined;
  readonly signal: AbortSignal;
}

/** Copies one segment. The object appears in the destination only after the last byte of the source agreed. */
export async function copySegment(copy: SegmentCopy): Promise<Receipt | CopyFailure> {
  const { segment, from, retainUntil, signal } = copy;
  const upload = copy.destination.upload(copy.to, { ...(retainUntil && { retainUntil }) });
  let side: CopyFailure['side'] = 'source';
  try {
    for await (const chunk of readSegment(segment, copy.source, { folder: '', placed: () => from, signal })) {
      side = 'destination';
      await upload.write(chunk);
      side = 'source';
    }
    side = 'destination';
    const receipt = await upload.finish();
    if (receipt.bytes === segment.bytes) return receipt;
    throw new StoreError('damaged', `${copy.to}: it took ${receipt.bytes} bytes of a segment of ${segment.bytes}`);
  } catch (error) {
    await upload.abort();
    signal.throwIfAborted();
    if (!(error instanceof StoreError)) throw error;
    return { side, error };
  }
}

/**
 * Whether an object that lies in the destination already holds the segment: the store's own receipt in the manifest
 * says so, or reading it does. Size alone never does, since whoever may write here may write anything of that size.
 * `unknown`: it may not be read.
 */
export async function isSegment(
  segment: Segment,
  object: StoredObject,
  { ownFolder, destination, signal }: { ownFolder: string; destination: Destination; signal: AbortSignal },
): Promise<'yes' | 'no' | 'unknown'> {
  if (object.bytes !== segment.bytes) return 'no';
  const { store } = destination.place;
  if (object.key === `${ownFolder}/${segment.name}` && agrees(segment, object, store.id)) return 'yes';
  if (destination.reads === 'denied') return 'unknown';
  try {
    // The newest version: which one counts is the verifier's to say.
    const { sha256 } = await digestOf(store, { key: object.key }, signal);
    return sha256 === segment.sha256 ? 'yes' : 'no';
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.kind === 'missing' || error.kind === 'damaged') return 'no';
    if (error.kind === 'archived') return 'unknown';
    if (error.kind !== 'denied') throw error;
    destination.reads = 'denied';
    return 'unknown';
  }
}

/** What the list says of an object is what the store said when the task's own run put it there. */
function agrees({ receipts }: Segment, object: StoredObject, store: string): boolean {
  const receipt = receipts.find((one) => one.store === store);
  const plain = (etag: string | undefined) => etag?.replace(/"/g, '');
  const pairs = [
    [plain(receipt?.etag), plain(object.etag)],
    [receipt?.version, object.version],
    [receipt?.checksum, object.checksum],
  ].filter(([told, seen]) => told !== undefined && seen !== undefined);
  return pairs.length > 0 && pairs.every(([told, seen]) => told === seen);
}
