import type { Receipt, Store, Upload } from '../store/store';
import { StoreError } from '../store/store';

/** A store, and where in it the attempt's objects lie. */
export interface StreamTarget {
  readonly store: Store;
  /** Folder of the attempt, without a final slash. */
  readonly folder: string;
  readonly retainUntil?: Date | undefined;
}

type Step =
  | { readonly kind: 'begin'; readonly name: string }
  | { readonly kind: 'write'; readonly chunk: Uint8Array }
  | { readonly kind: 'finish'; readonly bytes: number };

/**
 * One store on the way of one stream: takes segments at its own speed from a queue whose bytes are counted, and is out
 * for good at its first failure, since the source can't be read again.
 */
export class Destination {
  readonly target: StreamTarget;
  /** What the store said of each segment, in their order. */
  readonly receipts: Receipt[] = [];
  readonly #changed: () => void;
  readonly #steps: Step[] = [];
  #buffered = 0;
  #held = 0;
  #seenAt = 0;
  #working = false;
  #ended = false;
  #upload: Upload | undefined;
  #failure: Error | undefined;
  #aborted: Promise<void> = Promise.resolve();

  constructor(target: StreamTarget, changed: () => void) {
    this.target = target;
    this.#changed = changed;
  }

  /** Bytes that it was given and has not taken. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Seconds by which the others' waiting for it outweighs their going on. */
  get held(): number {
    return this.#held;
  }

  /** Nobody waited for it until now. */
  wentOn(seconds: number): void {
    this.#held = Math.max(0, this.#held - (seconds - this.#seenAt));
    this.#seenAt = seconds;
  }

  /** The others waited for it since it was last looked at. */
  heldUp(seconds: number): void {
    this.#held += seconds - this.#seenAt;
    this.#seenAt = seconds;
  }

  /** Why it was dropped. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Whether it has taken all that it was given, and could take more. */
  get idle(): boolean {
    return !this.#failure && this.#steps.length === 0;
  }

  /** Whether the store has everything. */
  get stored(): boolean {
    return this.#ended && this.idle;
  }

  begin(name: string): void {
    this.#push({ kind: 'begin', name });
  }

  write(chunk: Uint8Array): void {
    this.#push({ kind: 'write', chunk });
  }

  /** The segment is complete and has so many bytes. */
  finish(bytes: number): void {
    this.#push({ kind: 'finish', bytes });
  }

  /** Nothing follows. */
  end(): void {
    this.#ended = true;
    this.#changed();
  }

  /** Leaves it out from now on; what is half stored is aborted. */
  drop(failure: Error): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#steps.length = 0;
    this.#buffered = 0;
    this.#aborted = this.#upload?.abort().catch(() => undefined) ?? this.#aborted;
    this.#changed();
  }

  /** Resolves when the abort of what was half stored is through. */
  aborted(): Promise<void> {
    return this.#aborted;
  }

  #push(step: Step): void {
    if (this.#failure) return;
    this.#steps.push(step);
    if (step.kind === 'write') this.#buffered += step.chunk.length;
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let step = this.#steps[0]; step; step = this.#steps[0]) {
        await this.#take(step);
        // Dropped meanwhile: the queue was emptied, and an answer that came late counts for nothing.
        if (this.#failure) return;
        this.#steps.shift();
        if (step.kind === 'write') this.#buffered -= step.chunk.length;
        this.#changed();
      }
    } catch (error) {
      this.drop(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#working = false;
    }
  }

  async #take(step: Step): Promise<void> {
    const { store, folder, retainUntil } = this.target;
    if (step.kind === 'begin') {
      this.#upload = store.upload(`${folder}/${step.name}`, { ...(retainUntil && { retainUntil }) });
    } else if (step.kind === 'write') {
      await this.#upload?.write(step.chunk);
    } else {
      const receipt = await this.#upload?.finish();
      if (receipt?.bytes !== step.bytes) {
        throw new StoreError('damaged', `took ${receipt?.bytes} bytes of a segment of ${step.bytes}`);
      }
      this.#upload = undefined;
      this.receipts.push(receipt);
    }
  }
}
