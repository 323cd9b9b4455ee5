import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { answers } from './answers';
import { builtServer } from './programs';
import { REGION, s3Environment } from './s3';
import type { S3Server } from './s3';
import { startServer } from './server-process';

const FOLDERS = ['data', 'versions', 'sidecar'];

/**
 * A versitygw server over a folder: a second opinion beside MinIO. It takes SSE-KMS headers without encrypting, and
 * lets a COMPLIANCE retention be shortened.
 */
export async function startVersitygw(): Promise<S3Server> {
  const credentials = { accessKeyId: 'hypdr-root', secretAccessKey: randomBytes(20).toString('hex') };
  const server = await startServer({
    name: 'versitygw',
    prepare: async (folder) => {
      for (const name of FOLDERS) mkdirSync(path.join(folder, name));
    },
    launch: (folder, port) => ({
      program: builtServer('versitygw'),
      args: [
        ...['--port', `127.0.0.1:${port}`, '--region', REGION, '--quiet', 'posix'],
        // A sidecar, since not every file system of a temporary folder has extended attributes.
        ...['--versioning-dir', path.join(folder, 'versions'), '--sidecar', path.join(folder, 'sidecar')],
        path.join(folder, 'data'),
      ],
      environment: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    }),
    probe: (port) => answers(`http://127.0.0.1:${port}/`),
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return Object.assign(server, { endpoint, credentials, environment: s3Environment(endpoint, credentials) });
}
