import type { ExitCode } from '../exit-code';
import type { Nearest } from './choose';
import type { Expected } from './expected';
import type { Held, StopPoint } from './target';
import type { Thaw } from './thaw';

/** What a restore did, or would do; times are RFC 3339 in UTC. */
export interface RestoreReport {
  readonly exit: ExitCode;
  readonly task: string;
  readonly target: string;
  readonly mode: 'restore' | 'dry-run';
  /** The point that was chosen. @default - none can be */
  readonly point?: { readonly slot: string; readonly type: string; readonly at: string; readonly until?: string };
  /** The place from which it was read. */
  readonly store?: string;
  readonly backups: readonly { readonly slot: string; readonly type: string; readonly bytes: number }[];
  /** Of a dry run: what would be done. */
  readonly plan: readonly string[];
  /** Of a restore: what was done. */
  readonly steps: readonly { readonly step: string; readonly seconds: number }[];
  /** Of a dry run: how long it will take, about, and what was measured. */
  readonly expectedSeconds?: number;
  readonly expectedFrom?: Expected['expectedFrom'];
  /** What lies in an archive, and is asked for; of a dry run, what would be. @default - all of it can be read */
  readonly thaw?: Thaw;
  readonly stop?: StopPoint;
  /** What acts by itself and is off. */
  readonly held: readonly Held[];
  readonly notes: readonly string[];
  /** Restored all the same, and somebody should look. */
  readonly warnings: readonly string[];
  /** Why nothing was restored. */
  readonly why?: string;
  readonly nearest?: Nearest;
}
