import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { answers } from './answers';
import { freePort } from './free-port';
import { builtServer } from './programs';
import { REGION, s3Environment } from './s3';
import type { S3Credentials, S3Server } from './s3';
import { startServer } from './server-process';

export interface MinioServer extends S3Server {
  /** The key that it encrypts with when asked for `aws:kms`. */
  readonly kmsKey: string;
}

/** Versions and object lock need several drives, or what looks like them. */
const DRIVES = [1, 2, 3, 4];

/** A MinIO server: it enforces versions, locks, checksums, SSE-KMS and policies. */
export async function startMinio(): Promise<MinioServer> {
  const credentials = { accessKeyId: 'hypdr-root', secretAccessKey: randomBytes(20).toString('hex') };
  const [kmsKey, kmsSecret] = ['hypdr-test', randomBytes(32).toString('base64')];
  const consolePort = await freePort();
  const server = await startServer({
    name: 'minio',
    prepare: async (folder) => {
      for (const drive of DRIVES) mkdirSync(path.join(folder, `d${drive}`));
    },
    launch: (folder, port) => ({
      program: builtServer('minio'),
      args: [
        ...['server', '--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${consolePort}`],
        ...DRIVES.map((drive) => path.join(folder, `d${drive}`)),
      ],
      environment: {
        MINIO_ROOT_USER: credentials.accessKeyId,
        MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
        MINIO_KMS_SECRET_KEY: `${kmsKey}:${kmsSecret}`,
        // Several drives on one disk are an error without it.
        MINIO_CI_CD: '1',
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
    }),
    probe: (port) => answers(`http://127.0.0.1:${port}/minio/health/ready`, 200),
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return Object.assign(server, { endpoint, credentials, kmsKey, environment: s3Environment(endpoint, credentials) });
}

/**
 * Credentials that may do what the IAM policy says, and nothing else: a session of the root account narrowed by an
 * inline policy, at most 2,048 characters (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
 * MinIO knows no `s3:object-lock-remaining-retention-days` for a lock that an upload's headers set, only for
 * PutObjectRetention: an Allow that requires it refuses those uploads, a Deny that excludes values lets them pass.
 */
export async function withPolicy(server: MinioServer, policy: object): Promise<S3Credentials & { expires: Date }> {
  const client = new STSClient({ endpoint: server.endpoint, region: REGION, credentials: server.credentials });
  try {
    const role = { RoleArn: 'arn:aws:iam::111122223333:role/test', RoleSessionName: 'test', DurationSeconds: 3600 };
    const { Credentials } = await client.send(new AssumeRoleCommand({ ...role, Policy: JSON.stringify(policy) }));
    if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.Expiration) {
      throw new Error('the answer has no credentials');
    }
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
      expires: Credentials.Expiration,
    };
  } finally {
    client.destroy();
  }
}
