import type { StoreError } from './store';

/** Codes of Node and the resolver for a network that may be back in a moment. https://nodejs.org/api/errors.html */
const NETWORK = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'REQUEST_SEND_ERROR',
]);

/** Whether the connection failed, and not what was said over it; SDKs wrap this in errors of their own. */
export function isNetworkError(error: unknown): boolean {
  let cause = error as { readonly code?: unknown; readonly message?: unknown; readonly cause?: unknown } | undefined;
  for (let depth = 0; typeof cause === 'object' && cause !== null && depth < 6; depth += 1) {
    const { code, message } = cause;
    // `UND_ERR_`: the client behind Node's `fetch`.
    if (typeof code === 'string' && (NETWORK.has(code) || code.startsWith('UND_ERR_'))) return true;
    if (typeof message === 'string' && /socket hang up|^aborted$|premature close|timed? ?out/i.test(message))
      return true;
    cause = cause.cause as typeof cause;
  }
  return false;
}

/** Whether a status is one of throttling or of a server's own trouble. */
export function isPassingStatus(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505 && status !== 507);
}

/** A store's words in one line of ours. */
export function said(code: string, status: number | undefined, message: string): string {
  const line = message.split('\n')[0]?.trim().slice(0, 200).replace(/\.$/, '') ?? '';
  const what = [code, status !== undefined ? `(${status})` : ''].filter(Boolean).join(' ');
  if (!line || line === code) return what || 'the request failed';
  return what ? `${what}: ${line}` : line;
}

const ADVICE: Readonly<Partial<Record<StoreError['kind'], string>>> = {
  denied: 'check the credentials, what they may do, and whose it is',
  missing: 'check that it is there, under the name and in the place that the task says',
  full: 'make room there',
  archived: 'it has to be thawed before it can be read',
};

/** What was found, and what to do where somebody has to. */
export function advised(kind: StoreError['kind'], found: string): string {
  const advice = ADVICE[kind];
  return advice === undefined ? found : `${found}; ${advice}`;
}
