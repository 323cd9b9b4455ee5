/** Silence of an engine that is worth a line; the next one comes after twice as long. */
const FIRST_SECONDS = 60;

export interface StallNews {
  readonly event: 'source_stalls' | 'source_goes_on';
  /** How long it was silent. */
  readonly seconds: number;
}

/** Looks at one stream now and then, and notices when its engine falls silent and when it speaks again. */
export class StallWatch {
  #bytes = -1;
  #since = 0;
  #next = FIRST_SECONDS;

  /** @param waiting - nothing but the engine is waited for */
  look({ bytes, waiting }: { readonly bytes: number; readonly waiting: boolean }, now: number): StallNews | undefined {
    const seconds = now - this.#since;
    if (bytes === this.#bytes && waiting) {
      if (seconds < this.#next) return undefined;
      while (this.#next <= seconds) this.#next *= 2;
      return { event: 'source_stalls', seconds };
    }
    const stalled = this.#next > FIRST_SECONDS;
    this.#bytes = bytes;
    this.#since = now;
    this.#next = FIRST_SECONDS;
    return stalled ? { event: 'source_goes_on', seconds } : undefined;
  }
}
