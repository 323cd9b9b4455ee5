import type { Machine } from './machine';

/** Timers of Node count 24 days; shorter waits also follow a host that slept. */
const LONGEST_MILLISECONDS = 3_600_000;

/** Resolves after so many seconds of the monotonic clock, with `cancelled` as soon as the signal says so. */
export async function alarm(
  seconds: number,
  machine: Pick<Machine, 'seconds' | 'wait'>,
  cancel: AbortSignal,
): Promise<'reached' | 'cancelled'> {
  const until = machine.seconds() + seconds;
  for (let left = seconds; left > 0 && !cancel.aborted; left = until - machine.seconds()) {
    await machine.wait(Math.min(left * 1000, LONGEST_MILLISECONDS), cancel).catch(() => undefined);
    // Where waits end at once, everything else still gets its turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return cancel.aborted ? 'cancelled' : 'reached';
}
