/** Sizes and patience of uploads; a test brings small ones. */
export interface StoreLimits {
  /** Bytes of the first parts of an object; later ones grow so that the parts are never used up. */
  readonly partBytes: number;
  /** Parts that the store takes for one object. */
  readonly maxParts: number;
  /** Parts on their way at once, each held in memory until the store has it. */
  readonly parallel: number;
  /** A connection that says nothing for so long is given up. */
  readonly idleMilliseconds: number;
}

const MIB = 1024 * 1024;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: 10,000 parts of at least 5 MiB. */
export const S3_LIMITS: StoreLimits = { partBytes: 8 * MIB, maxParts: 10_000, parallel: 3, idleMilliseconds: 60_000 };

/** https://learn.microsoft.com/azure/storage/blobs/scalability-targets: 50,000 blocks. */
export const AZURE_LIMITS: StoreLimits = { ...S3_LIMITS, maxParts: 50_000 };

/** One resumable upload is one sequence of requests: nothing runs beside it. Chunks are multiples of 256 KiB. */
export const GCS_LIMITS: StoreLimits = { ...S3_LIMITS, maxParts: Number.MAX_SAFE_INTEGER, parallel: 1 };

/** Larger parts would only fill memory. */
const LARGEST_PART = 1024 * MIB;

/** Bytes that the parts of one object carry: what is larger is cut into several objects. */
export function largestBytes(limits: StoreLimits): number {
  if (limits.maxParts === GCS_LIMITS.maxParts) return Infinity;
  let bytes = 0;
  for (let number = 1; number <= limits.maxParts; number += 1) bytes += partBytes(number, limits);
  return bytes;
}

/** Bytes of a part, counted from 1: doubled after each tenth of the parts, so ten parts carry a thousand first ones. */
export function partBytes(number: number, { partBytes: first, maxParts }: StoreLimits): number {
  const tenth = Math.max(1, Math.floor(maxParts / 10));
  const doublings = Math.min(30, Math.floor((number - 1) / tenth));
  return Math.max(first, Math.min(LARGEST_PART, first * 2 ** doublings));
}
