import type { StoredManifest } from './manifest';
import type { ExitCode } from './exit-code';

/** What a run ended with; the same facts go into metrics and the last log line. */
export interface BackupOutcome {
  readonly exit: ExitCode;
  readonly manifest?: StoredManifest;
  readonly why?: string;
  /** Stores that hold the published backup. */
  readonly stored: readonly string[];
}

/** A store that was left out, and why. */
export interface Dropped {
  readonly store: string;
  readonly why: string;
}

export function fail(exit: ExitCode, why: string): BackupOutcome {
  return { exit, why, stored: [] };
}

export function whys(dropped: readonly Dropped[]): string {
  return dropped.map(({ store, why }) => `${store} (${why})`).join(', ');
}
