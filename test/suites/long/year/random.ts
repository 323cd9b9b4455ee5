/** A small generator: the same seed, the same year. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }

  /** A whole number in [from, to). */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  one<T>(some: readonly T[]): T {
    const found = some[this.whole(0, some.length)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  }

  /** One day in each of so many equal parts of [from, to): what is to happen does, whatever the seed. */
  spread(count: number, from: number, to: number): readonly number[] {
    const part = (to - from) / count;
    return Array.from({ length: count }, (_, at) => this.whole(Math.ceil(from + at * part), from + (at + 1) * part));
  }
}
