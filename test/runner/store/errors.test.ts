import { judgeAzure } from '../../../lib/runner/store/azure-error';
import { GcsAnswer, judgeGcs } from '../../../lib/runner/store/gcs-error';
import { localError } from '../../../lib/runner/store/local-error';
import type { Verdict } from '../../../lib/runner/store/retry';
import { judgeS3 } from '../../../lib/runner/store/s3-error';
import { StoreError } from '../../../lib/runner/store/store';

const said = ({ error, again }: Verdict) => `${error.kind}${again ? ' again' : ''}`;
const error = (fields: object, message = '') => Object.assign(new Error(message), fields);
const network = error({ cause: error({ code: 'ECONNRESET' }) }, 'fetch failed');

describe('what a failure means', () => {
  const s3 = (name: string, httpStatusCode?: number, worked = false) =>
    said(judgeS3(error({ name, $metadata: { httpStatusCode } }), 's3://b', () => worked));

  it('on S3', () => {
    expect([s3('SlowDown', 503), s3('InternalError', 200), s3('Whatever', 502)]).toEqual(Array(3).fill('retry again'));
    expect([s3('ConditionalRequestConflict', 409), s3('ExpiredToken', 400)]).toEqual(Array(2).fill('retry again'));
    expect(s3('RequestTimeTooSkewed', 403)).toBe('retry again');
    expect([s3('AccessDenied', 403), s3('InvalidAccessKeyId', 403), s3('Unknown', 403)]).toEqual(
      Array(3).fill('denied'),
    );
    expect([s3('NoSuchBucket', 404), s3('NotFound', 404)]).toEqual(Array(2).fill('missing'));
    expect([s3('PreconditionFailed', 412), s3('PermanentRedirect', 301)]).toEqual(Array(2).fill('foreign'));
    expect([s3('XMinioStorageFull', 507), s3('QuotaExceeded', 403)]).toEqual(Array(2).fill('full'));
    expect([s3('BadDigest', 400), s3('XAmzContentSHA256Mismatch', 400)]).toEqual(Array(2).fill('damaged again'));
    expect([s3('InvalidArgument', 400), s3('NotImplemented', 501)]).toEqual(Array(2).fill('refused'));
    expect(said(judgeS3(network, 's3://b', () => false))).toBe('retry again');
    expect(s3('AbortError')).toBe('retry');
  });

  it('on S3, that it is locked, in the words of two servers', () => {
    const words = [
      'Access Denied because object protected by object lock.',
      'Object is WORM protected and cannot be overwritten',
    ];
    for (const text of words) {
      const answer = error({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }, text);
      expect(said(judgeS3(answer, 's3://b', () => true))).toBe('locked');
    }
  });

  it('on S3, credentials that cannot be had are passing only where some were had before', () => {
    expect(s3('CredentialsProviderError')).toBe('denied');
    expect(s3('CredentialsProviderError', undefined, true)).toBe('retry again');
  });

  it('on Azure', () => {
    const azure = (code: string, statusCode?: number, worked = false) =>
      said(judgeAzure(error({ name: 'RestError', code, statusCode }), 'azblob://a/c', () => worked));
    expect([azure('ServerBusy', 503), azure('OperationTimedOut', 500)]).toEqual(Array(2).fill('retry again'));
    expect([azure('ContainerNotFound', 404), azure('', 404)]).toEqual(Array(2).fill('missing'));
    expect([azure('AuthenticationFailed', 403), azure('BlobImmutableDueToPolicy', 409)]).toEqual(['denied', 'locked']);
    expect([azure('BlobAlreadyExists', 409), azure('ConditionNotMet', 412)]).toEqual(['foreign', 'foreign']);
    // Whoever may create, and not write over, is told so.
    expect(azure('UnauthorizedBlobOverwrite', 403)).toBe('foreign');
    expect(azure('Md5Mismatch', 400)).toBe('damaged again');
    expect(azure('InvalidBlockList', 400)).toBe('refused');
    expect([azure('CredentialUnavailableError'), azure('CredentialUnavailableError', undefined, true)]).toEqual([
      'denied',
      'retry again',
    ]);
    expect(said(judgeAzure(network, 'azblob://a/c', () => false))).toBe('retry again');
    const old = ['InvalidAuthenticationInfo', 401] as const;
    expect([azure(...old), azure(...old, true)]).toEqual(['denied', 'retry again']);
  });

  it('on Google', () => {
    const gcs = (thrown: unknown, worked = false) => said(judgeGcs(thrown, 'gs://b', () => worked));
    expect([gcs(error({ code: 503 })), gcs(error({ status: '429' })), gcs(network)]).toEqual(
      Array(3).fill('retry again'),
    );
    expect([gcs(error({ code: 404 })), gcs(error({ code: 412 })), gcs(error({ code: 403 }))]).toEqual([
      'missing',
      'foreign',
      'denied',
    ]);
    expect(gcs(new GcsAnswer(400, 'Provided CRC32C "a" doesn’t match calculated CRC32C "b"'))).toBe('damaged again');
    expect(gcs(new GcsAnswer(410, 'gone'))).toBe('retry');
    const none = error({}, 'Could not load the default credentials.');
    expect([gcs(none), gcs(none, true)]).toEqual(['denied', 'retry again']);
    const old = error({ code: 401 });
    expect([gcs(old), gcs(old, true)]).toEqual(['denied', 'retry again']);
  });

  it('on Google never quotes a file of credentials', () => {
    const quoting = error({}, `Unable to read the credential file: Unexpected token 'h', "hunter2" is not valid JSON`);
    const { error: told } = judgeGcs(quoting, 'gs://b', () => false);
    expect([told.kind, told.message]).toEqual([
      'denied',
      expect.stringMatching(/^gs:\/\/b: the file of the credentials is no JSON; check the credentials/),
    ]);
  });

  it('on a disk, where what is no failure of the disk stays a bug', () => {
    const local = (code: string) => (localError(error({ code }), 'f') as StoreError).kind;
    expect(['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'ENOENT', 'EEXIST', 'ESTALE', 'ELOOP'].map(local)).toEqual([
      ...['full', 'full', 'denied', 'denied', 'missing', 'foreign', 'retry', 'refused'],
    ]);
    const bug = new TypeError('x is not a function');
    expect(localError(bug, 'f')).toBe(bug);
  });

  it('is told in one line that begins with the store', () => {
    const { error: told } = judgeS3(
      error({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }, 'No.\nAt all.'),
      's3://b',
      () => false,
    );
    expect(told.message).toBe(
      's3://b: AccessDenied (403): No; check the credentials, what they may do, and whose it is',
    );
    expect(told).toBeInstanceOf(StoreError);
  });
});
