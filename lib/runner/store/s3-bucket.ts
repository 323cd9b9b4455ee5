import { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { ownCredentials } from '../aws-credentials';
import { awsRole } from '../identity/aws-role';
import type { PlaceScope } from '../identity/session-policy';
import { sharedRole } from '../identity/shared-role';
import { webIdentityFor } from '../identity/web-identity';
import type { Machine } from '../machine';
import { PATIENCE, retrying } from './retry';
import type { Patience } from './retry';
import { judgeS3 } from './s3-error';
import type { StoreLimits } from './limits';

/** Which bucket, as a task or a URL names it. */
export interface S3Target {
  readonly id: string;
  readonly bucket: string;
  readonly region: string;
  /** Account that must own the bucket. @default - `HYPDR_BUCKET_OWNER`, else any */
  readonly owner?: string;
  /** The place of a task there, to which a role that tasks share is narrowed. @default - the container's own identity */
  readonly place?: PlaceScope;
}

/** A client of one bucket that retries by our rules. */
export class S3Bucket {
  readonly url: string;
  readonly machine: Machine;
  /** What every request says, so that a literal global name of a stranger is refused. */
  readonly whose: { readonly Bucket: string; readonly ExpectedBucketOwner?: string };
  readonly client: S3Client;
  #worked = false;

  constructor(target: S3Target, machine: Machine, limits: StoreLimits) {
    const owner = target.owner ?? machine.environment.HYPDR_BUCKET_OWNER;
    this.url = `s3://${target.bucket}`;
    this.machine = machine;
    this.whose = { Bucket: target.bucket, ...(owner && { ExpectedBucketOwner: owner }) };
    this.client = new S3Client(clientConfig(target, machine, limits));
  }

  /** One request with retries; the work is told which try it is. */
  ask<T>(what: string, work: (attempt: number) => Promise<T>, options: AskOptions = {}): Promise<T> {
    const { patience = PATIENCE, signal = this.machine.signal } = options;
    return retrying(
      async (attempt) => {
        const answer = await work(attempt);
        this.#worked = true;
        return answer;
      },
      {
        machine: this.machine,
        what: `${this.url}: ${what}`,
        judge: (error) => judgeS3(error, this.url, () => this.#worked),
        patience,
        signal,
      },
    );
  }
}

export interface AskOptions {
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
}

/**
 * The standard environment of AWS tools decides endpoint and credentials. Retries are ours (`maxAttempts: 1`): the
 * SDK's own know neither our clock nor our bound. Checksums are given with each request, so that the SDK adds no other.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
function clientConfig(target: S3Target, machine: Machine, limits: StoreLimits): S3ClientConfig {
  const { environment } = machine;
  const endpoint = environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL;
  const identity = webIdentityFor('aws', machine);
  const credentials =
    (identity && awsRole(identity, target.region, machine)) ?? sharedRole(target, machine) ?? ownCredentials(machine);
  return {
    // A server of one's own has the region that its user says, and buckets of any.
    region: (endpoint && environment.AWS_REGION) || target.region,
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(10_000, limits.idleMilliseconds),
      socketTimeout: limits.idleMilliseconds,
      requestTimeout: limits.idleMilliseconds * 5,
      throwOnRequestTimeout: true,
    },
  };
}
