import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import { Destination } from './destination';
import type { StreamTarget } from './destination';

/** How far one store may be behind the others. */
export interface LagLimits {
  /** Bytes kept for a store that is slower than the rest; then the rest waits. */
  readonly bytes: number;
  /**
   * Seconds by which the others' waiting for one store outweighs their going on; then it is dropped. So a store that
   * hangs is dropped after that time at any point of a run, and one that is a little slower than the rest never.
   */
  readonly seconds: number;
}

const TICK_MILLISECONDS = 1000;

/**
 * The pace of all stores of a stream. The source is read as fast as the slowest store takes it, since memory is bounded;
 * and because that holds the source's snapshot open, a store that keeps the others waiting for too long is dropped, to be
 * backfilled. Nobody is dropped for a slow source, nor the last that is left.
 */
export class Pace {
  readonly destinations: readonly Destination[];
  readonly #limits: LagLimits;
  readonly #machine: Machine;
  readonly #stop: AbortController;
  readonly #over = new AbortController();
  #wake: () => void = () => undefined;
  #change = this.#nextChange();
  #tick: Promise<void> | undefined;

  /** @param stop is aborted when no store is left */
  constructor(targets: readonly StreamTarget[], limits: LagLimits, machine: Machine, stop: AbortController) {
    this.#limits = limits;
    this.#machine = machine;
    this.#stop = stop;
    this.destinations = targets.map((target) => new Destination(target, () => this.#changed()));
  }

  /** Resolves when each of these has room for more, or was dropped. */
  async room(own: readonly Destination[]): Promise<void> {
    const { bytes } = this.#limits;
    if (!own.some((one) => one.buffered >= bytes)) return;
    await this.#waitFor(own, (one) => one.buffered > bytes / 2);
  }

  /** Resolves when each store has everything or was dropped. */
  async stored(): Promise<void> {
    await this.#waitFor(this.destinations, (one) => !one.stored);
  }

  /** Drops all; resolves when aborts are through. */
  async abort(reason: Error): Promise<void> {
    for (const one of this.destinations) if (!one.stored) one.drop(reason);
    await this.aborted();
  }

  async aborted(): Promise<void> {
    await Promise.all(this.destinations.map((one) => one.aborted()));
  }

  /** Ends its timer. */
  close(): void {
    this.#over.abort();
  }

  async #waitFor(own: readonly Destination[], behind: (one: Destination) => boolean): Promise<void> {
    for (;;) {
      this.#stop.signal.throwIfAborted();
      const late = own.filter((one) => !one.failure && behind(one));
      if (late.length === 0) return;
      const others = this.destinations.some((one) => one.idle);
      for (const one of late) one.wentOn(this.#machine.seconds());
      await Promise.race([this.#change, this.#ticking()]);
      if (others) this.#charge(late);
    }
  }

  #charge(late: readonly Destination[]): void {
    for (const one of late) {
      one.heldUp(this.#machine.seconds());
      if (one.failure || one.held < this.#limits.seconds) continue;
      // Looked at again for each: what was ready may have failed while we waited.
      if (!this.destinations.some((other) => other !== one && other.idle)) continue;
      one.drop(new StoreError('retry', `fell behind: the other stores waited ${Math.round(one.held)} s for it`));
    }
  }

  #changed(): void {
    if (this.destinations.every((one) => one.failure)) this.#stop.abort(noneLeft(this.destinations));
    const wake = this.#wake;
    this.#change = this.#nextChange();
    wake();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** One timer for all who wait. */
  #ticking(): Promise<void> {
    this.#tick ??= this.#machine
      .wait(TICK_MILLISECONDS, this.#over.signal)
      .catch(() => undefined)
      // Where waits end at once, stores and sources still get their turn.
      .then(() => new Promise<void>((resolve) => setImmediate(resolve)))
      .finally(() => (this.#tick = undefined));
    return this.#tick;
  }
}

/** What a run ends with when no store is left: worth another try if one of the failures is. */
function noneLeft(destinations: readonly Destination[]): Error {
  const failures = destinations.flatMap(({ failure }) => failure ?? []);
  const bug = failures.find((one) => !(one instanceof StoreError));
  const kinds = failures.flatMap((one) => (one instanceof StoreError ? one.kind : []));
  const [first = 'retry'] = kinds;
  const whys = destinations.map(({ target, failure }) => `${target.store.id}: ${failure?.message}`).join('; ');
  if (bug && kinds.length === 0) return bug;
  return new StoreError(kinds.includes('retry') ? 'retry' : first, `no store is left: ${whys}`, { cause: failures[0] });
}
