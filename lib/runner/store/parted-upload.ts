import { partBytes } from './limits';
import type { StoreLimits } from './limits';
import { StoreError } from './store';
import type { Receipt, Upload } from './store';

/** What a cloud does with the parts of one object. Requests end early when `signal` does. */
export interface PartTarget<Part> {
  /** The whole of a small object in one request. */
  whole(body: Buffer, signal: AbortSignal): Promise<Receipt>;
  /** One part, counted from 1; several may be on their way at once. */
  part(number: number, body: Buffer, signal: AbortSignal): Promise<Part>;
  /** Makes the object of its parts. */
  commit(parts: readonly Part[], bytes: number, signal: AbortSignal): Promise<Receipt>;
  /** Forgets the parts. Nothing else is under way, and nothing is thrown. */
  abandon(): Promise<void>;
}

/**
 * Cuts one object into parts and sends some at once. `write` waits while all are on their way; the parts' buffers are
 * used again, so that memory does not depend on the object's size. Any failure ends the whole upload.
 */
export function partedUpload<Part>(target: PartTarget<Part>, limits: StoreLimits, parent: AbortSignal): Upload {
  return new PartedUpload(target, limits, parent);
}

class PartedUpload<Part> implements Upload {
  readonly #target: PartTarget<Part>;
  readonly #limits: StoreLimits;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #parts: Part[] = [];
  readonly #running = new Set<Promise<void>>();
  #free: Buffer[] = [];
  #current: Buffer | undefined;
  #filled = 0;
  #count = 0;
  #bytes = 0;
  #failure: Error | undefined;
  #aborted: Promise<void> | undefined;

  constructor(target: PartTarget<Part>, limits: StoreLimits, parent: AbortSignal) {
    this.#target = target;
    this.#limits = limits;
    this.#signal = AbortSignal.any([parent, this.#stop.signal]);
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.length;) {
      this.#check();
      const part = (this.#current ??= this.#buffer());
      const taken = Math.min(chunk.length - offset, part.length - this.#filled);
      part.set(chunk.subarray(offset, offset + taken), this.#filled);
      this.#filled += taken;
      this.#bytes += taken;
      offset += taken;
      if (this.#filled === part.length) await this.#orAbort(() => this.#send());
    }
  }

  finish(): Promise<Receipt> {
    return this.#orAbort(async () => {
      this.#check();
      const rest = this.#current?.subarray(0, this.#filled) ?? Buffer.alloc(0);
      if (this.#count === 0) return this.#target.whole(rest, this.#signal);
      if (this.#filled > 0) await this.#send();
      await Promise.all(this.#running);
      this.#check();
      return this.#target.commit(this.#parts, this.#bytes, this.#signal);
    });
  }

  abort(): Promise<void> {
    return (this.#aborted ??= this.#abandon());
  }

  async #abandon(): Promise<void> {
    this.#failure ??= new StoreError('retry', 'the upload was aborted');
    this.#stop.abort();
    // A part that arrives after the abort would stay behind.
    await Promise.allSettled(this.#running);
    this.#free = [];
    this.#current = undefined;
    await this.#target.abandon();
  }

  async #orAbort<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }

  #buffer(): Buffer {
    const bytes = partBytes(this.#count + 1, this.#limits);
    const used = this.#free.pop();
    return used?.length === bytes ? used : Buffer.allocUnsafeSlow(bytes);
  }

  async #send(): Promise<void> {
    const [buffer, filled] = [this.#current, this.#filled];
    if (!buffer) return;
    this.#current = undefined;
    this.#filled = 0;
    this.#count += 1;
    const number = this.#count;
    if (number > this.#limits.maxParts) {
      throw new StoreError(
        'refused',
        `the object needs more than the ${this.#limits.maxParts} parts that the store takes`,
      );
    }
    while (this.#running.size >= this.#limits.parallel) await Promise.race(this.#running);
    this.#check();
    const sending = this.#target.part(number, buffer.subarray(0, filled), this.#signal).then(
      (part) => {
        this.#parts[number - 1] = part;
        this.#free.push(buffer);
      },
      (error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
        // The other parts are of no use any more.
        this.#stop.abort();
      },
    );
    this.#running.add(sending);
    void sending.finally(() => this.#running.delete(sending));
  }
}
