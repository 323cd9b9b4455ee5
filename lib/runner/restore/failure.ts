import { EngineError } from '../engine/engine';
import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import { hostError } from '../host-error';
import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import { OverlapError } from './overlap';

/** How a restore ends, and why in words. */
export interface Failure {
  readonly exit: ExitCode;
  readonly why: string;
}

/** What the world did, as an exit code. @throws what it was given, where that is a bug */
export function failed(thrown: unknown): Failure {
  const error = hostError(thrown) ?? thrown;
  if (error instanceof OverlapError) return { exit: EXIT.overlap, why: error.message };
  if (error instanceof EngineError) {
    const why = error.fix ? `${error.message}; ${error.fix}` : error.message;
    return { exit: error.kind === 'retry' ? EXIT.retry : EXIT.permanent, why };
  }
  if (error instanceof StoreError)
    return { exit: error.kind === 'retry' ? EXIT.retry : EXIT.permanent, why: error.message };
  throw thrown;
}

/** What a signal ended. */
export function ended({ signal }: Pick<Machine, 'signal'>): Failure {
  const { reason } = signal as { readonly reason: unknown };
  return { exit: EXIT.interrupted, why: `ended by ${reason instanceof Error ? reason.message : String(reason)}` };
}
