import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { isNetworkError, isPassingStatus, said } from '../store/network-error';
import { retrying } from '../store/retry';
import type { Patience, Verdict } from '../store/retry';

/** About ten seconds on average: nothing has begun yet, and whoever starts runs tries again. */
const PATIENCE: Patience = { attempts: 6, firstMilliseconds: 200, longestMilliseconds: 5000 };

/** Longest that a secret store says nothing. */
export const SECRET_MILLISECONDS = 10_000;

/** A secret store's no, in what all of them have in common. */
export interface Refusal {
  /** Its code, such as `ResourceNotFoundException`; empty where it has none. */
  readonly code: string;
  /** HTTP status; `undefined` where nothing was answered. */
  readonly status: number | undefined;
  readonly message: string;
}

/** What is wrong and what to do, of what will not pass by itself; `undefined` lets status and network decide. */
export type Explain = (refusal: Refusal) => { readonly what: string; readonly fix: string } | undefined;

export interface SecretRequest {
  readonly machine: Machine;
  /** `secret shop/orders in Key Vault` */
  readonly where: string;
  readonly read: (error: unknown) => Refusal;
  readonly explain: Explain;
  /** Word of the log lines. @default 'secret_retry' */
  readonly event?: string;
}

/** Asks for a secret, again where it may go well in a moment. Causes are not passed on: they hold requests. */
export function askForSecret<T>(work: () => Promise<T>, request: SecretRequest): Promise<T> {
  const { machine, where, event = 'secret_retry' } = request;
  return retrying<T, EngineError>(work, {
    machine,
    what: where,
    event,
    judge: (error) => judge(error, request),
    patience: PATIENCE,
    signal: machine.signal,
  });
}

function judge(error: unknown, { where, read, explain }: SecretRequest): Verdict<EngineError> {
  if (error instanceof EngineError) return { error, again: error.kind === 'retry' };
  const refusal = read(error);
  const { code, status, message } = refusal;
  const known = explain(refusal);
  if (known) return { error: new EngineError('config', `${where}: ${known.what}`, known.fix), again: false };
  const words = `${where}: ${said(code, status, message)}`;
  const passes = status === undefined ? isNetworkError(error) : isPassingStatus(status) || status < 300;
  if (passes) return { error: new EngineError('retry', words), again: true };
  return { error: new EngineError('config', words), again: false };
}
