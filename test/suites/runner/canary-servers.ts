import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { randomBytes } from 'node:crypto';
import { startAzurite } from '../../servers/azurite';
import type { AzuriteServer } from '../../servers/azurite';
import { startGiver } from '../../servers/credential-giver';
import type { CredentialGiver, GivenAnswer } from '../../servers/credential-giver';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { FakeGcsServer } from '../../servers/fake-gcs';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startMoto } from '../../servers/moto';
import type { MotoServer } from '../../servers/moto';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { createBucket } from '../../servers/s3';
import { startHost } from './sqlserver-host';
import type { SqlServerHost } from './sqlserver-host';

/** All that a run of the program may talk to, each with a bucket `canaries` or a database `shop`. */
export interface CanaryServers {
  readonly postgres: PostgresServer;
  readonly mariadb: MariadbServer;
  readonly sqlserver: SqlServerHost;
  readonly minio: MinioServer;
  readonly azurite: AzuriteServer;
  readonly gcs: FakeGcsServer;
  readonly moto: MotoServer;
  /** Identities and secret stores of Azure and Google. */
  readonly giver: CredentialGiver;
  stop(): Promise<void>;
}

const fresh = (name: string) => `canary-${name}-${randomBytes(9).toString('base64url')}`;

/** Secrets of the tests' own; servers have theirs. */
export const SECRETS = {
  hook: fresh('hook'),
  stray: fresh('stray'),
  googleKey: fresh('google-key'),
  wrong: fresh('wrong'),
  weak: fresh('weak'),
  azureToken: fresh('azure-token'),
  googleToken: fresh('google-token'),
  broken: fresh('broken'),
} as const;

export async function startServers(): Promise<CanaryServers> {
  const [postgres, mariadb, minio, azurite, gcs, moto, sqlserver] = await Promise.all([
    startPostgres(),
    startMariadb(),
    startMinio(),
    startAzurite(),
    startFakeGcs(),
    startMoto(),
    startHost(),
  ]);
  const value = JSON.stringify({ username: 'postgres', password: postgres.password });
  const giver = await startGiver(async (asked) => given(asked, value));
  await postgres.sql('CREATE DATABASE shop');
  await postgres.sql('CREATE TABLE t AS SELECT generate_series(1, 1000) n', 'shop');
  await postgres.sql(`CREATE ROLE weak LOGIN PASSWORD '${SECRETS.weak}'`);
  await mariadb.sql('CREATE DATABASE shop; CREATE TABLE shop.t (n int); INSERT INTO shop.t VALUES (1), (2)');
  await createBucket(minio, 'canaries', 'versioned');
  await BlobServiceClient.fromConnectionString(azurite.connectionString()).createContainer('canaries');
  await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' }).createBucket('canaries');
  return {
    ...{ postgres, mariadb, minio, azurite, gcs, moto, sqlserver, giver },
    stop: async () => {
      sqlserver.close();
      await Promise.all([postgres, mariadb, minio, azurite, gcs, moto, giver].map((one) => one.stop()));
    },
  };
}

/** The same secret `shop/pg` in both stores. */
function given(asked: string, value: string): GivenAnswer {
  const google = { 'metadata-flavor': 'Google' };
  const json = (body: object, more: Omit<GivenAnswer, 'body'> = {}) => ({ ...more, body: JSON.stringify(body) });
  if (asked === '/identity') {
    const expires_on = `${Math.floor(Date.now() / 1000) + 3600}`;
    const resource = 'https://vault.azure.net';
    return json({ access_token: SECRETS.azureToken, expires_on, resource, token_type: 'Bearer' });
  }
  if (asked.endsWith('/token'))
    return json({ access_token: SECRETS.googleToken, expires_in: 3600, token_type: 'Bearer' }, { headers: google });
  if (asked.startsWith('/computeMetadata')) return json({}, { headers: google });
  if (asked === '/secrets/shop-pg') return json({ value });
  if (asked.startsWith('/v1/projects/acme/secrets/shop-pg/'))
    return json({ payload: { data: Buffer.from(value).toString('base64') } });
  return json({ error: { code: 404, status: 'NOT_FOUND', message: 'no' } }, { status: 404 });
}
