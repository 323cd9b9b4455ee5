import { advised, isNetworkError, isPassingStatus, said } from './network-error';
import type { Verdict } from './retry';
import { StoreError } from './store';

type Kind = StoreError['kind'];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and the words of MinIO for a full disk. */
const KINDS: Readonly<Record<string, Kind>> = {
  NoSuchBucket: 'missing',
  NoSuchKey: 'missing',
  NoSuchVersion: 'missing',
  NotFound: 'missing',
  AccessDenied: 'denied',
  AccountProblem: 'denied',
  AllAccessDisabled: 'denied',
  InvalidAccessKeyId: 'denied',
  InvalidToken: 'denied',
  SignatureDoesNotMatch: 'denied',
  CredentialsProviderError: 'denied',
  TokenProviderError: 'denied',
  PreconditionFailed: 'foreign',
  PermanentRedirect: 'foreign',
  AuthorizationHeaderMalformed: 'foreign',
  QuotaExceeded: 'full',
  XMinioStorageFull: 'full',
  BadDigest: 'damaged',
  InvalidDigest: 'damaged',
  XAmzContentChecksumMismatch: 'damaged',
  XAmzContentSHA256Mismatch: 'damaged',
  InvalidObjectState: 'archived',
};

/** Worth another try: throttling, a clock that the client corrects by the answer, credentials that are asked anew. */
const PASSING = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'RequestExpired',
  'ExpiredToken',
  'ConditionalRequestConflict',
  'OperationAborted',
  'InternalError',
  'ServiceUnavailable',
  'TimeoutError',
]);

/** The little of an SDK's error that decides. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Code of the store's answer, such as `NoSuchBucket`. */
export function s3Code(error: unknown): string {
  return (error as SdkError).name ?? '';
}

export function s3Status(error: unknown): number | undefined {
  return (error as SdkError).$metadata?.httpStatusCode;
}

/**
 * @param credentialsWorked - whether a request went well before: then credentials that cannot be had are a matter of
 *   the moment, and not of nobody having set any
 */
export function judgeS3(error: unknown, url: string, credentialsWorked: () => boolean): Verdict {
  // Judged already, and tried as often as it is worth.
  if (error instanceof StoreError) return { error, again: false };
  const { name = '', message = '', code = '' } = error as SdkError;
  const status = s3Status(error);
  const verdict = (kind: Kind, again: boolean): Verdict => ({
    error: new StoreError(kind, advised(kind, `${url}: ${said(code || name, status, HINTS[name] ?? message)}`), {
      cause: error,
    }),
    again,
  });
  if (name === 'AbortError') return verdict('retry', false);
  if (PASSING.has(name)) return verdict('retry', true);
  if (name === 'CredentialsProviderError' && credentialsWorked()) return verdict('retry', true);
  // S3 says it with AccessDenied, MinIO in words of its own.
  if (/WORM protected|protected by object lock/i.test(message)) return verdict('locked', false);
  const known = KINDS[name];
  if (known) return verdict(known, known === 'damaged');
  if (status === undefined) return isNetworkError(error) ? verdict('retry', true) : verdict('refused', false);
  if (isPassingStatus(status)) return verdict('retry', true);
  if (status === 507) return verdict('full', false);
  if (status === 401 || status === 403) return verdict('denied', false);
  if (status === 404) return verdict('missing', false);
  if (status === 301 || status === 307) return verdict('foreign', false);
  // A cut answer: the client could not read what a server that was fine a moment ago said.
  if (status < 300) return verdict('retry', true);
  return verdict('refused', false);
}

const HINTS: Readonly<Record<string, string>> = {
  PermanentRedirect: 'the bucket is in another region than the task says, so it may be a stranger’s',
  AuthorizationHeaderMalformed: 'the bucket is in another region than the task says, so it may be a stranger’s',
  PreconditionFailed: 'the name is taken by an object that is not of this run',
  GlacierExpeditedRetrievalNotAvailable: 'there is no room for expedited retrievals now: take another tier',
};
