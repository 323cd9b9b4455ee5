import type { Machine } from '../machine';

/** Between two looks, and two states of a terminal's line. */
const LOOK_MILLISECONDS = 1000;

/** Between two lines of the log, where there is no terminal. */
export const LOG_SECONDS = 30;

/** Calls until it is over. */
export async function everySecond(machine: Pick<Machine, 'wait'>, over: AbortSignal, tick: () => void): Promise<void> {
  while (!over.aborted) {
    await machine.wait(LOOK_MILLISECONDS, over).catch(() => undefined);
    // Where waits end at once, everything else still gets its turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!over.aborted) tick();
  }
}
