import type { BackupStream } from '../../contract';
import type { SourceStream } from '../engine/engine';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import { rejection, within } from './deadline';
import type { StreamTarget } from './destination';
import { Pace } from './pace';
import type { LagLimits } from './pace';
import { viewOf } from './stream-view';
import type { Reading, StreamView } from './stream-view';
import { Tally } from './tally';
import { transfer } from './transfer';

export type { StreamTarget } from './destination';
export type { LagLimits } from './pace';

export interface StreamOptions {
  readonly targets: readonly StreamTarget[];
  /** Not applied to what its format compressed already. */
  readonly compression: 'gzip' | 'zstd' | 'none';
  /** age public key for the stores without a key of their own. @default - these get plain bytes */
  readonly recipient?: string | undefined;
  /** Most bytes of one object. @default - 4 GiB: 500 parts of 8 MiB, far below every store's limit */
  readonly segmentBytes?: number;
  /** @default - 16 MiB, with a single store 2 MiB, and 15 minutes */
  readonly lag?: LagLimits;
  /** Whether it is to be read slower at the moment. @default - never */
  readonly slowed?: () => boolean;
  /** Is told how to look at the stream while it lasts; what it answers is called at the end. */
  readonly watch?: (look: () => StreamView) => () => void;
  readonly machine: Machine;
}

export interface StoredStream {
  readonly stream: BackupStream;
  /** Stores that do not hold it, and why; whatever lies there is referred to by nothing. */
  readonly dropped: readonly { readonly store: string; readonly why: string }[];
  /** Stores that hold it without the lock that was asked of them. */
  readonly unlocked: readonly string[];
}

/** Bytes that wait for a store smooth what it does at other times than the rest; one store alone has no rest. */
const lagOf = (targets: readonly StreamTarget[]): LagLimits => ({
  bytes: (targets.length > 1 ? 16 : 2) * 1024 ** 2,
  seconds: 900,
});

/** A run ends within ten seconds of a signal: aborts that take longer are left to the stores' rules. */
const ABORT_SECONDS = 6;

/**
 * Reads the source once and stores it in every target at once, in memory that does not depend on its size. Resolves only
 * when the producer, the compressor and at least one store ended well; else nothing of it is complete, half uploads are
 * aborted, and everything that was started has ended.
 * @throws EngineError when the source or a tool failed, StoreError when no store is left
 */
export async function storeStream(source: SourceStream, options: StreamOptions): Promise<StoredStream> {
  const { machine, targets, lag = lagOf(options.targets) } = options;
  const stop = new AbortController();
  const interrupt = () => stop.abort(new EngineError('retry', 'the run was ended'));
  // Whoever fails first ends the rest; what the rest says then is not worth hearing.
  source.ended.catch(() => undefined);
  source.output.on('error', () => undefined);
  machine.signal.addEventListener('abort', interrupt, { once: true });
  if (machine.signal.aborted) interrupt();
  if (targets.length === 0) stop.abort(new StoreError('retry', `stream ${source.name} has no store to go to`));
  const pace = new Pace(targets, lag, machine, stop);
  const reading: Reading = { raw: new Tally(), waiting: false };
  const work = transfer(source, options, { pace, reading, signal: stop.signal });
  const unwatch = options.watch?.(() => viewOf(source.name, reading, pace.destinations, lag));
  try {
    const stream = await Promise.race([work, rejection(stop.signal)]);
    await within(ABORT_SECONDS, pace.aborted(), machine);
    return { stream, dropped: droppedOf(pace, source, machine), unlocked: unlockedIn(pace) };
  } catch (error) {
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    stop.abort(reason);
    source.output.destroy();
    const ended = Promise.allSettled([work, pace.abort(new StoreError('retry', 'the stream was ended'))]);
    await within(ABORT_SECONDS, ended, machine);
    throw reason;
  } finally {
    machine.signal.removeEventListener('abort', interrupt);
    pace.close();
    unwatch?.();
  }
}

function unlockedIn({ destinations }: Pace): StoredStream['unlocked'] {
  return destinations.flatMap(({ target, failure, receipts }) =>
    !failure && receipts.some(({ locked }) => locked === false) ? [target.store.id] : [],
  );
}

function droppedOf({ destinations }: Pace, { name }: SourceStream, machine: Machine): StoredStream['dropped'] {
  const dropped = destinations.flatMap(({ target, failure }) =>
    failure ? [{ store: target.store.id, why: failure.message }] : [],
  );
  for (const { store, why } of dropped) {
    machine.log({
      level: 'warning',
      event: 'store_dropped',
      message: `${store} is left out: ${why}`,
      stream: name,
      store,
    });
  }
  return dropped;
}
