import type { Segment } from '../../contract';
import type { Destination } from './destination';
import type { Pace } from './pace';
import { segmentName } from './segment-name';
import { Tally } from './tally';

/** Bytes of one encoding as they were stored. */
export interface SegmentedBytes {
  readonly bytes: number;
  readonly sha256: string;
  readonly segments: readonly Omit<Segment, 'receipts'>[];
}

/**
 * Cuts one encoding into numbered segments and gives each to all of its stores. A segment is finished only when more
 * bytes or the end follow, so the last one exists nowhere before the source and every stage ended well; nothing at all
 * is one empty segment.
 */
export class Segmenter {
  readonly #stream: string;
  readonly #segmentBytes: number;
  readonly #destinations: readonly Destination[];
  readonly #pace: Pace;
  readonly #whole = new Tally();
  readonly #segments: Omit<Segment, 'receipts'>[] = [];
  #current: { readonly name: string; readonly tally: Tally } | undefined;

  constructor(stream: string, segmentBytes: number, destinations: readonly Destination[], pace: Pace) {
    this.#stream = stream;
    this.#segmentBytes = segmentBytes;
    this.#destinations = destinations;
    this.#pace = pace;
  }

  /** Whether a store is left that wants the bytes. */
  get wanted(): boolean {
    return this.#destinations.some((one) => !one.failure);
  }

  /** Resolves when there is room for more. */
  async write(chunk: Uint8Array): Promise<void> {
    if (!this.wanted) return;
    for (let at = 0; at < chunk.length;) {
      if (this.#current?.tally.bytes === this.#segmentBytes) this.#finish();
      const { tally } = (this.#current ??= this.#begin());
      const piece = chunk.subarray(at, at + this.#segmentBytes - tally.bytes);
      at += piece.length;
      tally.add(piece);
      if (tally !== this.#whole) this.#whole.add(piece);
      for (const one of this.#destinations) one.write(piece);
    }
    await this.#pace.room(this.#destinations);
  }

  /** Finishes the last segment; the stores may still be on their way. */
  end(): SegmentedBytes {
    this.#current ??= this.#begin();
    this.#finish();
    for (const one of this.#destinations) one.end();
    return { ...this.#whole.soFar(), segments: this.#segments };
  }

  #begin(): { readonly name: string; readonly tally: Tally } {
    const name = segmentName(this.#stream, this.#segments.length + 1);
    for (const one of this.#destinations) one.begin(name);
    // The first segment is the whole so far: most streams have one, and are hashed once.
    return { name, tally: this.#segments.length === 0 ? this.#whole : new Tally() };
  }

  #finish(): void {
    if (!this.#current) return;
    const { name, tally } = this.#current;
    this.#current = undefined;
    this.#segments.push({ name, ...tally.soFar() });
    for (const one of this.#destinations) one.finish(tally.bytes);
  }
}
