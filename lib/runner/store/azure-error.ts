import { advised, isNetworkError, isPassingStatus, said } from './network-error';
import type { Verdict } from './retry';
import { StoreError } from './store';

type Kind = StoreError['kind'];

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
const KINDS: Readonly<Record<string, Kind>> = {
  ContainerNotFound: 'missing',
  BlobNotFound: 'missing',
  ResourceNotFound: 'missing',
  AuthenticationFailed: 'denied',
  AuthorizationFailure: 'denied',
  AuthorizationPermissionMismatch: 'denied',
  InsufficientAccountPermissions: 'denied',
  AccountIsDisabled: 'denied',
  BlobImmutableDueToPolicy: 'locked',
  CredentialUnavailableError: 'denied',
  CredentialsProviderError: 'denied',
  AggregateAuthenticationError: 'denied',
  AuthenticationRequiredError: 'denied',
  BlobAlreadyExists: 'foreign',
  ConditionNotMet: 'foreign',
  UnauthorizedBlobOverwrite: 'foreign',
  Md5Mismatch: 'damaged',
  Crc64Mismatch: 'damaged',
  BlobArchived: 'archived',
  BlobBeingRehydrated: 'archived',
};

/** The little of an SDK's error that decides. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly statusCode?: number;
  readonly details?: { readonly errorCode?: string };
}

/** Code of the store's answer, such as `ContainerNotFound`. */
export function azureCode(error: unknown): string {
  const { name = '', code, details } = error as SdkError;
  return details?.errorCode ?? code ?? name;
}

export function azureStatus(error: unknown): number | undefined {
  return (error as SdkError).statusCode;
}

const TAKEN = ['BlobAlreadyExists', 'ConditionNotMet', 'UnauthorizedBlobOverwrite'];

/** Whether the name is taken: 409 or 412, by the service's kind of request, or 403 for whoever may create and nothing more. */
export function isTaken(error: unknown): boolean {
  return TAKEN.includes(azureCode(error)) || azureStatus(error) === 412;
}

/** @param credentialsWorked - as for S3: a token that cannot be had now is a matter of the moment then */
export function judgeAzure(error: unknown, url: string, credentialsWorked: () => boolean): Verdict {
  // Judged already, and tried as often as it is worth.
  if (error instanceof StoreError) return { error, again: false };
  const { name = '', message = '' } = error as SdkError;
  const code = azureCode(error);
  const status = azureStatus(error);
  const verdict = (kind: Kind, again: boolean): Verdict => ({
    error: new StoreError(kind, advised(kind, `${url}: ${said(code, status, message)}`), { cause: error }),
    again,
  });
  if (name === 'AbortError') return verdict('retry', false);
  const known = KINDS[code] ?? KINDS[name];
  if (known === 'denied' && status === undefined && credentialsWorked()) return verdict('retry', true);
  if (known) return verdict(known, known === 'damaged');
  if (status === undefined) return isNetworkError(error) ? verdict('retry', true) : verdict('refused', false);
  if (isPassingStatus(status)) return verdict('retry', true);
  if (status === 507) return verdict('full', false);
  // A token that ran out on its way: the next request has another one.
  if (status === 401 && credentialsWorked()) return verdict('retry', true);
  if (status === 401 || status === 403) return verdict('denied', false);
  if (status === 404) return verdict('missing', false);
  return status < 300 ? verdict('retry', true) : verdict('refused', false);
}
