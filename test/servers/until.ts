import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN = 25;

/** Tries until it works; the last failure's reason when `milliseconds` have passed. */
export async function until(attempt: () => Promise<void>, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof GiveUp || performance.now() > end) throw error;
    }
    await pause(BETWEEN);
  }
}

/** Thrown by an attempt that knows that no other can work. */
export class GiveUp extends Error {}
