import type { Destination } from './destination';
import type { LagLimits } from './pace';
import type { Tally } from './tally';

/** How far a stream has come, for whoever looks. */
export interface StreamView {
  readonly name: string;
  /** Bytes that the engine has given. */
  readonly bytes: number;
  /** Whether nothing but the engine is waited for: then it is the engine that is silent. */
  readonly waiting: boolean;
  readonly stores: readonly StoreView[];
}

export interface StoreView {
  readonly id: string;
  /** `behind`: the others may have to wait for it soon. */
  readonly state: 'ok' | 'behind' | 'stored' | 'dropped';
}

/** What is read of an engine, as it is read. */
export interface Reading {
  readonly raw: Tally;
  waiting: boolean;
}

export function viewOf(
  name: string,
  { raw, waiting }: Reading,
  destinations: readonly Destination[],
  lag: LagLimits,
): StreamView {
  const stateOf = (one: Destination): StoreView['state'] => {
    if (one.failure) return 'dropped';
    if (one.stored) return 'stored';
    return one.buffered > lag.bytes / 2 ? 'behind' : 'ok';
  };
  return {
    name,
    bytes: raw.bytes,
    waiting,
    stores: destinations.map((one) => ({ id: one.target.store.id, state: stateOf(one) })),
  };
}
