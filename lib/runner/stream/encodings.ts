import type { Encoding } from '../../contract';
import type { Destination } from './destination';
import type { SegmentedBytes } from './segmenter';

export type Encryption = Encoding['encryption'];

/** How the bytes for a store are encrypted: by its own key, else to the recipient, if there is one. */
export function encryptionFor({ target }: Destination, recipient: string | undefined): Encryption {
  if (target.store.encryption === 'store') return 'store';
  return recipient === undefined ? 'none' : 'age';
}

/** What the manifest says of the stores that took the same bytes in the same way; dropped ones are nowhere in it. */
export function encodingOf(
  encryption: Encryption,
  { bytes, sha256, segments }: SegmentedBytes,
  destinations: readonly Destination[],
): Encoding | undefined {
  const holders = destinations.filter((one) => one.stored && one.receipts.length === segments.length);
  if (holders.length === 0) return undefined;
  return {
    encryption,
    stores: holders.map(({ target }) => target.store.id),
    bytes,
    sha256,
    segments: segments.map((segment, index) => ({
      ...segment,
      receipts: holders.map((holder) => receiptOf(holder, index)),
    })),
  };
}

function receiptOf({ target, receipts }: Destination, index: number): Encoding['segments'][number]['receipts'][number] {
  const { checksum, etag, version } = receipts[index] ?? {};
  return {
    store: target.store.id,
    ...(checksum !== undefined && { checksum }),
    ...(etag !== undefined && { etag }),
    ...(version !== undefined && { version }),
  };
}
