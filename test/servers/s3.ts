import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import type { RunningServer } from './server-process';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface S3Server extends RunningServer {
  readonly endpoint: string;
  /** Of the account that may do everything. */
  readonly credentials: S3Credentials;
  /** What the AWS SDKs and the runner need to be that account. */
  readonly environment: Readonly<Record<string, string>>;
}

export const REGION = 'us-east-1';

/** The standard variables for an endpoint and whoever holds these credentials. */
export function s3Environment(endpoint: string, credentials: S3Credentials): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** A client of the server, or of a proxy before it. @default credentials - of the account that may do everything */
export function s3Client(
  server: S3Server,
  credentials: S3Credentials = server.credentials,
  endpoint = server.endpoint,
) {
  return new S3Client({ endpoint, region: REGION, credentials: { ...credentials }, forcePathStyle: true });
}

export type BucketKind = 'plain' | 'versioned' | 'locked';

/** Makes a bucket; `locked` has object lock, and so versions too, without a default retention. */
export async function createBucket(server: S3Server, name: string, kind: BucketKind = 'plain'): Promise<void> {
  const client = s3Client(server);
  try {
    await client.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: kind === 'locked' }));
    if (kind === 'versioned') {
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
    }
  } finally {
    client.destroy();
  }
}
