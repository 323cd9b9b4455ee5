import type { StatusLine } from './progress/status-line';

import type { StoreLimits } from './store/limits';

/** The world of a run, handed in by bin: tests bring their own clock, randomness and environment. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Wall clock. */
  now(): Date;
  /** Monotonic seconds, for durations. */
  seconds(): number;
  /** This start of the host, and seconds since it, which nobody can set back. @default - not known */
  readonly boot?: (() => { readonly id: string; readonly seconds: number }) | undefined;
  /** Waits; a test's waits end at once. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Random bytes as lower case hex. */
  randomHex(bytes: number): string;
  /** Folder for scratch files and this host's state. */
  readonly stateFolder: string;
  /** One structured line for people and log collectors. */
  log(event: LogEvent): void;
  /** Shows how a run goes on where somebody looks. @default - no terminal: lines of the log say it now and then */
  readonly status?: Pick<StatusLine, 'show' | 'clear'> | undefined;
  /** Ends every step of the run: SIGTERM, SIGINT, or a hard stop. */
  readonly signal: AbortSignal;
  /** @default - what each store documents; a test brings small ones */
  readonly storeLimits?: Partial<StoreLimits>;
  readonly version: string;
  /** This program as one file, as it lies beside backups for a restore without us. @default - it is not put there */
  readonly program?: string | undefined;
}

export interface LogEvent {
  readonly level: 'info' | 'warning' | 'error';
  /** A word that never changes, such as `segment_stored`. */
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}
