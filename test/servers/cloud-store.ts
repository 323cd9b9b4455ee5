import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { startAzurite } from './azurite';
import { startFakeGcs } from './fake-gcs';
import type { SeenRequest } from './fault';
import { startFaultProxy } from './fault-proxy';
import type { FaultProxy } from './fault-proxy';
import { startMinio } from './minio';
import { createBucket, s3Client, s3Environment } from './s3';
import type { S3Server } from './s3';
import type { RunningServer } from './server-process';
import { AZURE, GCS, S3, named } from './store-requests';
import { startVersitygw } from './versitygw';

type Match = (request: SeenRequest) => boolean;

/** What a store is asked for while a backup is made, for the rules of a proxy. */
export interface StoreRequests {
  /** A piece of a large object. */
  readonly piece: Match;
  /** What makes a large object of its pieces. */
  readonly complete: Match;
  /** What creates a manifest. */
  readonly manifest: Match;
  readonly list: Match;
}

/** A store's server with a proxy before it: what the runner does goes through the proxy, what a test looks at does not. */
export interface CloudStore {
  /** Id in tasks. */
  readonly id: 's3' | 'azure' | 'gcs';
  readonly proxy: FaultProxy;
  readonly requests: StoreRequests;
  /** How the store says that it is asked too often, in its own words. */
  readonly busy: { readonly status: number; readonly headers: Record<string, string>; readonly body: string };
  /** For the runner. */
  readonly environment: Readonly<Record<string, string>>;
  target(bucket: string, path: string): CloudTarget;
  makeBucket(name: string): Promise<void>;
  keys(bucket: string, prefix: string): Promise<readonly string[]>;
  bytes(bucket: string, key: string): Promise<Buffer>;
  /** The server dies, and comes back on its port with what it had, where it keeps that on disk. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** As in a task manifest. */
export interface CloudTarget {
  readonly id: string;
  readonly from: string[];
  readonly store: string;
  readonly cloud: 'aws' | 'azure' | 'google';
  readonly region: string;
  readonly bucket: string;
  readonly path: string;
  readonly account?: string;
}

const node = (store: string) => ({ id: store, from: [], store });
const lifeOf = (proxy: FaultProxy, server: RunningServer): Pick<CloudStore, 'kill' | 'restart' | 'stop'> => ({
  kill: () => server.kill(),
  restart: () => server.restart(),
  stop: async () => {
    await proxy.stop();
    await server.stop();
  },
});

export async function startS3Store(start: () => Promise<S3Server> = startMinio): Promise<CloudStore> {
  const server = await start();
  const proxy = await startFaultProxy(server);
  const client = s3Client(server);
  const life = lifeOf(proxy, server);
  return {
    id: 's3',
    proxy,
    requests: { piece: S3.part, complete: S3.complete, manifest: named('.manifest.json', S3.put), list: S3.list },
    busy: {
      status: 503,
      headers: { 'content-type': 'application/xml' },
      body: '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>',
    },
    environment: s3Environment(proxy.origin, server.credentials),
    target: (bucket, path) => ({ ...node('s3'), cloud: 'aws', region: 'us-east-1', bucket, path }),
    makeBucket: (name) => createBucket(server, name, 'versioned'),
    keys: async (Bucket, Prefix) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.map(({ Key = '' }) => Key);
    },
    bytes: async (Bucket, Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    ...life,
    stop: async () => {
      client.destroy();
      await life.stop();
    },
  };
}

export const startVersityStore = (): Promise<CloudStore> => startS3Store(startVersitygw);

export async function startAzureStore(): Promise<CloudStore> {
  const server = await startAzurite();
  const proxy = await startFaultProxy(server);
  const service = BlobServiceClient.fromConnectionString(server.connectionString());
  return {
    id: 'azure',
    proxy,
    requests: {
      piece: AZURE.block,
      complete: AZURE.commit,
      manifest: named('.manifest.json', AZURE.put),
      list: AZURE.list,
    },
    busy: {
      status: 503,
      headers: { 'x-ms-error-code': 'ServerBusy', 'content-type': 'application/xml' },
      body: '<?xml version="1.0"?><Error><Code>ServerBusy</Code><Message>The server is busy</Message></Error>',
    },
    environment: { AZURE_STORAGE_CONNECTION_STRING: server.connectionString(proxy.port) },
    target: (bucket, path) => ({
      ...node('azure'),
      cloud: 'azure',
      region: 'westeurope',
      account: server.account,
      bucket,
      path,
    }),
    makeBucket: async (name) => void (await service.createContainer(name)),
    keys: async (bucket, prefix) => {
      const names: string[] = [];
      for await (const { name } of service.getContainerClient(bucket).listBlobsFlat({ prefix })) names.push(name);
      return names;
    },
    bytes: (bucket, key) => service.getContainerClient(bucket).getBlobClient(key).downloadToBuffer(),
    ...lifeOf(proxy, server),
  };
}

export async function startGcsStore(): Promise<CloudStore> {
  const server = await startFakeGcs();
  const proxy = await startFaultProxy(server);
  const storage = new Storage({ apiEndpoint: server.endpoint, projectId: 'test' });
  return {
    id: 'gcs',
    proxy,
    requests: {
      piece: GCS.chunk,
      // The last chunk says how long the whole is.
      complete: (request) => GCS.chunk(request) && /\/\d+$/.test(String(request.headers['content-range'])),
      manifest: (request) => GCS.put(request) && request.query.get('name')?.endsWith('.manifest.json') === true,
      list: GCS.list,
    },
    busy: {
      status: 429,
      headers: { 'content-type': 'application/json' },
      body: '{"error":{"code":429,"message":"The rate of requests is too high","errors":[{"reason":"rateLimitExceeded"}]}}',
    },
    environment: { STORAGE_EMULATOR_HOST: proxy.origin },
    target: (bucket, path) => ({ ...node('gcs'), cloud: 'google', region: 'europe-west3', bucket, path }),
    makeBucket: async (name) => void (await storage.createBucket(name)),
    keys: async (bucket, prefix) => {
      const [files] = await storage.bucket(bucket).getFiles({ prefix });
      return files.map(({ name }) => name);
    },
    bytes: async (bucket, key) => (await storage.bucket(bucket).file(key).download())[0],
    ...lifeOf(proxy, server),
  };
}
