import { randomBytes } from 'node:crypto';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { answers } from './answers';
import { motoServer } from './programs';
import { REGION } from './s3';
import { startServer } from './server-process';
import type { RunningServer } from './server-process';

export interface MotoServer extends RunningServer {
  readonly endpoint: string;
  /** What the runner needs to ask it for secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes a secret, or gives it another value. */
  put(name: string, value: string): Promise<void>;
}

/** moto's Secrets Manager: names, versions and deletions as AWS has them, and no rights. */
export async function startMoto(): Promise<MotoServer> {
  const server = await startServer({
    name: 'moto',
    launch: (_folder, port) => ({
      program: motoServer(),
      args: ['-H', '127.0.0.1', '-p', `${port}`],
      environment: { PYTHONDONTWRITEBYTECODE: '1' },
    }),
    probe: (port) => answers(`http://127.0.0.1:${port}/moto-api/`, 200),
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const credentials = { accessKeyId: 'hypdr-test', secretAccessKey: randomBytes(20).toString('hex') };
  return Object.assign(server, {
    endpoint,
    environment: {
      HYPDR_SECRETS: 'aws',
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    async put(name: string, value: string) {
      const client = new SecretsManagerClient({ endpoint, region: REGION, credentials });
      try {
        const change = new PutSecretValueCommand({ SecretId: name, SecretString: value });
        await client.send(change).catch((error: Error) => {
          if (error.name !== 'ResourceNotFoundException') throw error;
          return client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
        });
      } finally {
        client.destroy();
      }
    },
  });
}
