import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { openStore } from '../../../lib/runner/store/open';
import { bytesOf, failureOf, keysOf, someBytes, upload } from '../../runner/store/bytes';
import { testMachine } from '../../runner/store/store-machine';
import type { TestMachine } from '../../runner/store/store-machine';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import { S3_PART, s3Target } from './store-s3-harness';

const BUCKET = 'hypdr-rights';

/** A writer's rights: `GetObject` on manifests alone, so no HEAD either, no delete, and nothing at the root. */
const WRITER = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObjectRetention'],
      Resource: `arn:aws:s3:::${BUCKET}/data/*`,
    },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/data/*.manifest.json` },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${BUCKET}`,
      Condition: { StringLike: { 's3:prefix': 'data/*' } },
    },
    { Effect: 'Deny', Action: 's3:*', Resource: `arn:aws:s3:::${BUCKET}/_*` },
  ],
};

describe('S3 under a writer’s rights, on MinIO', () => {
  let server: MinioServer;
  let machine: TestMachine;
  const open = async () => {
    machine = testMachine({
      environment: s3Environment(server.endpoint, await withPolicy(server, WRITER)),
      now: new Date(),
    });
    return openStore(s3Target(BUCKET), machine, { partBytes: S3_PART });
  };
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

  beforeAll(async () => {
    server = await startMinio();
    await createBucket(server, BUCKET, 'locked');
  }, 120_000);
  afterAll(() => server?.stop(), 60_000);

  it('stores objects of all sizes, locked, and manifests once', async () => {
    const store = await open();
    const options = { retainUntil: inDays(7) };
    await upload(store, 'data/a-1/s.0001', someBytes(100), options);
    const { version } = await upload(store, 'data/a-1/s.0002', someBytes(2 * S3_PART + 9), options);
    expect(await store.create('data/a.manifest.json', Buffer.from('{}'), options)).toMatchObject({ kind: 'created' });
    expect(await store.create('data/a.manifest.json', Buffer.from('{ }'), options)).toEqual({ kind: 'exists' });
    expect((await bytesOf(await store.read('data/a.manifest.json'))).toString()).toBe('{}');
    expect(await keysOf(store.list('data/'))).toEqual(['data/a-1/s.0001', 'data/a-1/s.0002', 'data/a.manifest.json']);
    expect(machine.events).toEqual([]);

    const root = s3Client(server);
    for (const Key of ['data/a-1/s.0001', 'data/a-1/s.0002', 'data/a.manifest.json']) {
      const seen = await root.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
      expect(seen.ObjectLockMode).toBe('GOVERNANCE');
      expect(Math.abs((seen.ObjectLockRetainUntilDate?.getTime() ?? 0) - options.retainUntil.getTime())).toBeLessThan(
        1000,
      );
    }
    root.destroy();
    const owner = await openStore(s3Target(BUCKET), testMachine({ environment: server.environment, now: new Date() }));
    expect(await failureOf(owner.remove('data/a-1/s.0002', version))).toBe('locked');
  }, 60_000);

  it('reads no content, deletes nothing, and writes nothing beside its prefix', async () => {
    const store = await open();
    const { version } = await upload(store, 'data/b-1/s.0001', someBytes(100));
    expect(await failureOf(store.read('data/b-1/s.0001'))).toBe('denied');
    expect(await failureOf(store.head('data/b-1/s.0001'))).toBe('denied');
    expect(await failureOf(store.remove('data/b-1/s.0001', version))).toBe('denied');
    expect(await failureOf(store.remove('data/b-1/s.0001', undefined))).toBe('denied');
    expect(await failureOf(upload(store, '_verified/x.json', someBytes(5)))).toBe('denied');
    expect(await failureOf(upload(store, 'other/x', someBytes(2 * S3_PART)))).toBe('denied');
    expect(await failureOf(keysOf(store.list('')))).toBe('denied');
    // MinIO takes ListBucket for ListBucketVersions, so that versions can't be asked here.
  }, 60_000);

  it('stores without a lock in a bucket that has none, and says so', async () => {
    await createBucket(server, 'hypdr-unlocked', 'versioned');
    const own = testMachine({ environment: server.environment, now: new Date() });
    const store = await openStore(s3Target('hypdr-unlocked'), own, { partBytes: S3_PART });
    await upload(store, 'small', someBytes(10), { retainUntil: inDays(7) });
    await upload(store, 'large', someBytes(S3_PART + 10), { retainUntil: inDays(7) });
    expect(await keysOf(store.list(''))).toEqual(['large', 'small']);
    expect(own.events.map((one) => one.event)).toEqual(['store_does_not_lock']);
  }, 60_000);
});
