import type { BackupStream, Encoding, LedgerEntry } from '../contract';
import { readDataKey } from './object-key';

/** One object that holds a segment. */
export interface PlacedObject {
  readonly key: string;
  readonly bytes: number;
  /** Version or generation, where the store has them and somebody looked. */
  readonly version?: string;
}

/** Sizes of the objects that may hold a segment in a place, by the segment's name. */
export type SizesOf = (segment: string) => readonly number[];

/**
 * The encodings in which a place may hold a stream: of those whose every segment has an object of its size there, the
 * ones that the manifest says of the store first. A copy stands in no manifest, so there the sizes decide: encrypted
 * and plain bytes never have the same size, and two encodings that have are the same bytes.
 */
export function encodingsAt(stream: BackupStream, store: string, sizesOf: SizesOf): readonly Encoding[] {
  const fitting = stream.encodings.filter(({ segments }) =>
    segments.every(({ name, bytes }) => sizesOf(name).includes(bytes)),
  );
  const named = fitting.filter((one) => one.stores.includes(store));
  return [...named, ...fitting.filter((one) => !named.includes(one))];
}

/** The one that holds; what the manifest says of the store where no objects fit, so that a reader can say what lacks. */
export function encodingAt(stream: BackupStream, store: string, sizesOf?: SizesOf): Encoding | undefined {
  const [fitting] = sizesOf ? encodingsAt(stream, store, sizesOf) : [];
  return fitting ?? stream.encodings.find((one) => one.stores.includes(store));
}

/** Where the segments of a verified backup lie, by the ledger's word: whichever attempt, the writer's or a copier's. */
export function placedBy({ objects }: LedgerEntry): (segment: string) => PlacedObject | undefined {
  const byName = new Map(objects.map((one) => [readDataKey(one.key)?.segment, one]));
  return (segment) => byName.get(segment);
}

/** The same as sizes. */
export function sizesBy(placed: (segment: string) => PlacedObject | undefined): SizesOf {
  return (segment) => {
    const object = placed(segment);
    return object ? [object.bytes] : [];
  };
}
