import type { LogEvent, Machine } from '../../lib/runner/machine';

export interface TestMachine extends Machine {
  /** Moves both clocks on and ends the waits whose time has come. */
  advance(seconds: number): void;
  /** Ends the run. */
  interrupt(): void;
  readonly logged: readonly LogEvent[];
  /** Waits that have not ended. */
  readonly waiting: number;
}

/** A machine whose clocks stand still until the test moves them. */
export function testMachine(environment: Machine['environment'] = { PATH: process.env.PATH }): TestMachine {
  const controller = new AbortController();
  const logged: LogEvent[] = [];
  const waits = new Set<{ readonly until: number; readonly end: () => void }>();
  let seconds = 0;
  let random = 0;
  return {
    environment,
    now: () => new Date(Date.UTC(2026, 10, 22, 2, 15) + seconds * 1000),
    seconds: () => seconds,
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const end = () => {
          waits.delete(wait);
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const wait = { until: seconds + milliseconds / 1000, end };
        waits.add(wait);
        signal?.addEventListener('abort', end, { once: true });
        if (signal?.aborted) end();
      }),
    randomHex: (bytes) => (random += 1).toString(16).padStart(bytes * 2, '0'),
    stateFolder: '',
    log: (event) => void logged.push(event),
    signal: controller.signal,
    version: '0.0.0',
    advance(more) {
      seconds += more;
      for (const wait of [...waits]) if (wait.until <= seconds) wait.end();
    },
    interrupt: () => controller.abort(),
    logged,
    get waiting() {
      return waits.size;
    },
  };
}
