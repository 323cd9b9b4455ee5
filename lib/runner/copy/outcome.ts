import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import type { StoreError } from '../store/store';

/** What became of one backup in one destination, or what was found in a source. */
export interface CopyLine {
  readonly store: string;
  /** Slot and type; empty when the whole store is meant. */
  readonly backup: string;
  readonly fate: 'copied' | 'would copy' | 'left out' | 'failed' | 'damaged';
  readonly why: string;
}

export interface CopyOutcome {
  readonly exit: ExitCode;
  readonly lines: readonly CopyLine[];
}

/** How a destination ended: `gaps`: nothing failed, but not all that is wanted can be there. */
export type FillState = 'filled' | 'gaps' | 'permanent' | 'retry';

export interface Filled {
  readonly state: FillState;
  readonly lines: readonly CopyLine[];
}

export function failureOf({ kind }: StoreError): FillState {
  return kind === 'retry' || kind === 'full' ? 'retry' : 'permanent';
}

export function worstOf(states: readonly FillState[]): FillState {
  const order: readonly FillState[] = ['retry', 'permanent', 'gaps'];
  return order.find((one) => states.includes(one)) ?? 'filled';
}

/** Damage first; a destination that failed leaves a degraded copy as long as others were filled. */
export function exitOf(filled: readonly Filled[]): ExitCode {
  if (filled.some(({ lines }) => lines.some((one) => one.fate === 'damaged'))) return EXIT.damaged;
  const states = filled.map((one) => one.state);
  if (states.every((one) => one === 'filled')) return EXIT.success;
  if (states.some((one) => one === 'filled' || one === 'gaps')) return EXIT.degraded;
  return states.includes('retry') ? EXIT.retry : EXIT.permanent;
}
