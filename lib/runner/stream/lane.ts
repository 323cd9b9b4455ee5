import { encryptTo } from './age';
import type { Segmenter, SegmentedBytes } from './segmenter';

/** A way of the compressed bytes to some of the stores. */
export interface Lane {
  /** Resolves when there is room for more. */
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<SegmentedBytes>;
  /** Ends what runs beside it. Never throws. */
  abort(reason: unknown): Promise<void>;
}

/** As they are: the store encrypts them, or nobody. */
export function plainLane(segmenter: Segmenter): Lane {
  return {
    write: (chunk) => segmenter.write(chunk),
    end: () => Promise.resolve(segmenter.end()),
    abort: () => Promise.resolve(),
  };
}

/** Encrypted to a recipient on the way. */
export async function ageLane(segmenter: Segmenter, recipient: string): Promise<Lane> {
  const encryption = await encryptTo(recipient);
  const pumped = pump(encryption.output, segmenter);
  // Seen by whoever writes or ends next.
  pumped.catch((error: unknown) => encryption.abort(error));
  return {
    async write(chunk) {
      // The other stores go on without these, and without the work for them.
      if (segmenter.wanted) await encryption.write(chunk);
    },
    async end() {
      await encryption.end();
      await pumped;
      return segmenter.end();
    },
    abort: (reason) => encryption.abort(reason),
  };
}

async function pump(source: AsyncIterable<Uint8Array>, segmenter: Segmenter): Promise<void> {
  for await (const chunk of source) await segmenter.write(chunk);
}
