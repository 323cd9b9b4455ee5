import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { LogEvent, Machine } from '../../../lib/runner/machine';

export interface TestMachine extends Machine {
  /** Milliseconds of each wait; none is waited. */
  readonly waits: readonly number[];
  readonly events: readonly LogEvent[];
  stop(): void;
}

export interface TestMachineOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** @default - real random bytes */
  readonly randomHex?: (bytes: number) => string;
  readonly now?: Date;
}

/** A machine whose waits end at once, and which remembers them. */
export function testMachine(options: TestMachineOptions = {}): TestMachine {
  const waits: number[] = [];
  const events: LogEvent[] = [];
  const controller = new AbortController();
  return {
    environment: options.environment ?? {},
    now: () => options.now ?? new Date('2026-07-01T02:00:00Z'),
    seconds: () => 0,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    randomHex: options.randomHex ?? ((bytes) => randomBytes(bytes).toString('hex')),
    stateFolder: tmpdir(),
    log: (event) => events.push(event),
    signal: controller.signal,
    version: 'test',
    waits,
    events,
    stop: () => controller.abort(),
  };
}
