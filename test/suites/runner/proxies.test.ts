import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { buildSync } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAzurite } from '../../servers/azurite';
import { startFakeGcs } from '../../servers/fake-gcs';
import { startFaultProxy } from '../../servers/fault-proxy';
import { startMinio } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import { systemProgram } from '../../servers/programs';
import { runProgram } from '../../servers/run-program';
import { createBucket, s3Client } from '../../servers/s3';
import { AZURE, GCS, S3 } from '../../servers/store-requests';
import { startTcpProxy } from '../../servers/tcp-proxy';
import { until } from '../../servers/until';

jest.setTimeout(120_000);

/** What a test started, stopped after it in the opposite order. */
const open: { stop(): Promise<void> }[] = [];
async function using<S extends { stop(): Promise<void> }>(starting: Promise<S>): Promise<S> {
  const started = await starting;
  open.push(started);
  return started;
}
afterEach(async () => {
  for (const started of open.splice(0).reverse()) await started.stop();
});

const MIB = 1024 * 1024;
const content = Buffer.alloc(11 * MIB, 'no period of a power of two ');

it('an S3 upload takes a throttled part and a part cut in the middle to its end', async () => {
  const minio = await using(startMinio());
  await createBucket(minio, 'backups');
  const proxy = await using(startFaultProxy(minio));
  proxy.inject({ when: S3.part, fault: { kind: 'answer', status: 503 } });
  proxy.inject({ when: S3.part, fault: { kind: 'cut', afterBytes: 3 * MIB } });
  const s3 = s3Client(minio, minio.credentials, proxy.origin);
  try {
    const params = { Bucket: 'backups', Key: 'a/b c', Body: content };
    await new Upload({ client: s3, params, partSize: 5 * MIB, queueSize: 1 }).done();
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'backups', Key: 'a/b c' }));
    expect(content.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  } finally {
    s3.destroy();
  }
  const parts = proxy.requests.filter(S3.part).map(({ fault, status }) => fault ?? status);
  expect(parts).toEqual(['answer', 'cut', 200, 200, 200]);
});

it('an S3 upload whose last answer is lost is there, although its repetition is refused', async () => {
  const minio = await using(startMinio());
  await createBucket(minio, 'backups');
  const proxy = await using(startFaultProxy(minio));
  proxy.inject({ when: S3.complete, fault: { kind: 'lose-answer' } });
  const s3 = s3Client(minio, minio.credentials, proxy.origin);
  try {
    const params = { Bucket: 'backups', Key: 'a', Body: content };
    const upload = new Upload({ client: s3, params, partSize: 5 * MIB, leavePartsOnError: true });
    await expect(upload.done()).rejects.toMatchObject({ name: 'NoSuchUpload' });
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'backups', Key: 'a' }));
    expect(head.ContentLength).toBe(content.length);
  } finally {
    s3.destroy();
  }
  const [lost, repeated] = proxy.requests.filter(S3.complete);
  expect(lost).toMatchObject({ fault: 'lose-answer', storeStatus: 200 });
  expect(repeated).toMatchObject({ status: 404 });
});

it('S3 refuses a part of which a byte was changed on the way', async () => {
  const minio = await using(startMinio());
  await createBucket(minio, 'backups');
  const proxy = await using(startFaultProxy(minio));
  proxy.inject({ when: S3.part, fault: { kind: 'flip-byte', at: 1000 } });
  const s3 = s3Client(minio, minio.credentials, proxy.origin);
  try {
    const params = { Bucket: 'backups', Key: 'a', Body: content };
    const upload = new Upload({ client: s3, params, partSize: 5 * MIB, queueSize: 1 });
    await expect(upload.done()).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'backups', Key: 'a' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  } finally {
    s3.destroy();
  }
});

it('an Azure upload takes a throttled block and a block cut in the middle', async () => {
  const azurite = await using(startAzurite());
  const proxy = await using(startFaultProxy(azurite));
  proxy.inject({ when: AZURE.block, fault: { kind: 'answer', status: 503 } });
  proxy.inject({ when: AZURE.block, fault: { kind: 'cut', afterBytes: 2 * MIB } });
  const retryOptions = { retryDelayInMs: 1, maxRetryDelayInMs: 1 };
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString(proxy.port), { retryOptions });
  const { containerClient } = await service.createContainer('backups');
  const blob = containerClient.getBlockBlobClient('a/b c');
  await blob.uploadData(content, { blockSize: 4 * MIB, maxSingleShotSize: MIB, concurrency: 1 });
  expect(content.equals(await blob.downloadToBuffer())).toBe(true);
  expect(proxy.requests.filter(AZURE.block).map(({ fault, status }) => fault ?? status)).toEqual([
    'answer',
    'cut',
    201,
    201,
    201,
  ]);
  expect(proxy.requests.filter(AZURE.commit)).toHaveLength(1);
});

it.each([
  ['refused', { kind: 'answer', status: 503 }],
  ['cut in the middle', { kind: 'cut', afterBytes: 3 * MIB }],
  ['stored, and its answer lost', { kind: 'lose-answer' }],
] as const)('a resumable upload to Google goes on after a chunk that was %s', async (_what, fault) => {
  const google = await using(startFakeGcs());
  const proxy = await using(startFaultProxy(google));
  const storage = new Storage({ apiEndpoint: proxy.origin, projectId: 'test' });
  const [bucket] = await storage.createBucket('backups');
  proxy.inject({ when: GCS.chunk, skip: 1, fault });
  // The library repeats a request only where that is harmless, which it believes of one with a precondition.
  const preconditionOpts = { ifGenerationMatch: 0 };
  await bucket.file('a/b c').save(content, { resumable: true, chunkSize: 4 * MIB, preconditionOpts });
  const [stored] = await bucket.file('a/b c').download();
  expect(content.equals(stored)).toBe(true);
  expect(proxy.spent).toBe(true);
  expect(proxy.requests.filter(GCS.chunk).length).toBeGreaterThanOrEqual(4);
});

it('a dump whose connection is cut fails', async () => {
  const postgres = await using(startPostgres());
  await postgres.sql("create table orders as select n, repeat('x', 100) from generate_series(1, 50000) n");
  const proxy = await using(startTcpProxy(postgres));
  const environment = { ...postgres.environment, PGPORT: `${proxy.port}` };
  const dump = () => runProgram(systemProgram('pg_dump'), ['postgres'], { environment });
  proxy.inject({ whenClientSent: 'COPY public.orders', afterBytes: 1_000_000, action: 'cut' });
  await expect(dump()).rejects.toThrow('pg_dump: error: Dumping the contents of table "orders" failed');
  expect(proxy.spent).toBe(true);
  expect(await dump()).toContain('PostgreSQL database dump complete');
});

it('a dump whose connection stalls goes on when it may', async () => {
  const postgres = await using(startPostgres());
  // More than the buffers of two connections hold: the server can't have sent it all.
  await postgres.sql("create table orders as select n, repeat('x', 100) from generate_series(1, 500000) n");
  const proxy = await using(startTcpProxy(postgres));
  const environment = { ...postgres.environment, PGPORT: `${proxy.port}` };
  proxy.inject({ whenClientSent: 'COPY public.orders', afterBytes: 1_000_000, action: 'stall' });
  const dump = runProgram(systemProgram('pg_dump'), ['postgres'], { environment });
  await proxy.hit();
  expect(await postgres.sql('select state from pg_stat_activity where application_name = $$pg_dump$$')).toBe(
    'active\n',
  );
  proxy.resume();
  expect(await dump).toContain('PostgreSQL database dump complete');
});

it('a server ends, and its folder goes, when the process that started it is killed', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-orphan-'));
  const outfile = path.join(folder, 'start.js');
  const start = "import { startPostgres } from './test/servers/postgres';";
  const tell = 'startPostgres().then((s) => { console.log(s.pid + " " + s.folder); setInterval(() => 0, 1000); });';
  const stdin = { contents: `${start}\n${tell}`, resolveDir: path.resolve(__dirname, '../../..') };
  buildSync({ stdin, outfile, bundle: true, platform: 'node', logLevel: 'error' });
  const tests = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(tests.stdout, 'data')) as [Buffer];
  const [pid = '', data = ''] = line.toString().trim().split(' ');
  expect([existsSync(`/proc/${pid}`), existsSync(data)]).toEqual([true, true]);
  tests.kill('SIGKILL');
  await until(async () => {
    if (existsSync(`/proc/${pid}`) || existsSync(data)) throw new Error('the server is still there');
  }, 20_000);
  rmSync(folder, { recursive: true });
});
