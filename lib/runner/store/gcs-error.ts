import { advised, isNetworkError, isPassingStatus, said } from './network-error';
import type { Verdict } from './retry';
import { StoreError } from './store';

type Kind = StoreError['kind'];

/** An answer of the service to a request that is ours and not the library's. */
export class GcsAnswer extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The little of the errors of the library, of its transport and of ours that decides. */
interface SomeError {
  readonly message?: string;
  readonly code?: unknown;
  readonly status?: unknown;
}

/** HTTP status, which the library calls `code` and its transport `status`. */
export function gcsStatus(error: unknown): number | undefined {
  const { code, status } = error as SomeError;
  for (const value of [status, code]) {
    const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number') return number;
  }
  return undefined;
}

/** A parser quotes what it stumbles over, and that is a file of credentials here. */
function wordsOf({ message = '' }: SomeError): string {
  return /\bJSON\b/.test(message) ? 'the file of the credentials is no JSON' : message;
}

/** https://cloud.google.com/storage/docs/json_api/v1/status-codes */
export function judgeGcs(error: unknown, url: string, credentialsWorked: () => boolean): Verdict {
  // Judged already, and tried as often as it is worth.
  if (error instanceof StoreError) return { error, again: false };
  const { code } = error as SomeError;
  const message = wordsOf(error as SomeError);
  const status = gcsStatus(error);
  const verdict = (kind: Kind, again: boolean): Verdict => ({
    error: new StoreError(
      kind,
      advised(kind, `${url}: ${said(typeof code === 'string' ? code : '', status, message)}`),
      { cause: error },
    ),
    again,
  });
  if ((error as Error).name === 'AbortError') return verdict('retry', false);
  if (status === undefined || status < 300) {
    if (isNetworkError(error) || (status ?? 0) >= 200) return verdict('retry', true);
    if (/credentials|metadata server|invalid_grant/i.test(message)) {
      return credentialsWorked() ? verdict('retry', true) : verdict('denied', false);
    }
    return verdict('refused', false);
  }
  if (/crc32c|md5|checksum|hash/i.test(message) && status === 400) return verdict('damaged', true);
  if (isPassingStatus(status)) return verdict('retry', true);
  if (status === 507) return verdict('full', false);
  // A token that ran out on its way: the next request has another one.
  if (status === 401 && credentialsWorked()) return verdict('retry', true);
  if (status === 401 || status === 403) return verdict('denied', false);
  if (status === 404) return verdict('missing', false);
  if (status === 412) return verdict('foreign', false);
  // 410: the session of a resumable upload is gone, and a new attempt of the run starts another.
  return status === 410 ? verdict('retry', false) : verdict('refused', false);
}

export function isGcsTaken(error: unknown): boolean {
  return gcsStatus(error) === 412;
}
