import type { Machine } from '../machine';

const TICK_MILLISECONDS = 500;

/** Waits for work that should end by itself, but no longer than that. Never throws. */
export async function within(seconds: number, work: Promise<unknown>, machine: Machine): Promise<void> {
  const over = new AbortController();
  const settled = work.then(
    () => over.abort(),
    () => over.abort(),
  );
  const until = machine.seconds() + seconds;
  while (!over.signal.aborted && machine.seconds() < until) {
    await Promise.race([settled, machine.wait(TICK_MILLISECONDS, over.signal).catch(() => undefined)]);
    // Where waits end at once, the work still gets its turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  over.abort();
}

/** Rejects with the signal's reason. */
export function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
