import { ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { startFaultProxy } from '../../runner/store/fault-proxy';
import { testMachine } from '../../runner/store/store-machine';
import { openStore } from '../../../lib/runner/store/open';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import type { S3Server } from '../../servers/s3';
import type { StoreHarness, StoreTraits } from './store-contract';

export const S3_PART = 5 * 1024 * 1024;
export const BUCKET = 'hypdr-contract';

export function s3Target(bucket: string) {
  return { id: 'task', from: [], store: 'main', cloud: 'aws', region: 'eu-west-1', bucket, path: 'data/' } as const;
}

export const S3_TRAITS: StoreTraits = {
  network: { resends: true, refusesDamage: true },
  secrets: true,
  versions: 'versions and markers',
};

export async function s3Harness(server: S3Server): Promise<StoreHarness> {
  await createBucket(server, BUCKET, 'versioned');
  const proxy = await startFaultProxy(server.port);
  const endpoint = `http://127.0.0.1:${proxy.port}`;
  const machine = testMachine({ environment: s3Environment(endpoint, server.credentials) });
  const wrong = { ...server.credentials, secretAccessKey: 'not-the-secret-of-anybody' };
  const client = s3Client(server);
  return {
    machine,
    proxy,
    partBytes: S3_PART,
    requests: {
      put: (line) => line.startsWith('PUT') && !line.includes('uploadId='),
      part: (line) => line.startsWith('PUT') && line.includes('partNumber='),
      commit: (line) => line.startsWith('POST') && line.includes('uploadId='),
      list: (line) => line.includes('list-type=2'),
    },
    open: (limits) => openStore(s3Target(BUCKET), machine, limits),
    openMissing: () => openStore(s3Target('hypdr-nowhere'), machine),
    openWrong: () => openStore(s3Target(BUCKET), { ...machine, environment: s3Environment(endpoint, wrong) }),
    overwrite: async (Key, Body) => void (await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))),
    unfinished: async () => {
      // MinIO answers only for an exact key.
      const keys = ['aborted/far', 'interrupted/one', 'aborted/started'];
      const found = await Promise.all(
        keys.map((Prefix) => client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix }))),
      );
      return found.flatMap(({ Uploads = [] }) => Uploads.map((one) => one.Key ?? ''));
    },
    stop: async () => {
      client.destroy();
      await proxy.stop();
      await server.stop();
    },
  };
}
