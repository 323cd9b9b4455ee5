import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import type { Restorable } from '../../../lib/runner/restore/restorable';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { fileEntries } from '../../corpus/file-entries';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import { fileTask, makeSource } from './file-task';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** A bucket that keeps versions, an intruder with a writer's rights, and a restore by nobody who could write. */

jest.setTimeout(120_000);

let minio: MinioServer;
let client: S3Client;
let folder: string;

beforeAll(async () => {
  minio = await startMinio();
  client = s3Client(minio);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restore-versions-'));
}, 120_000);

afterAll(async () => {
  client.destroy();
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A full and an increment in a bucket of their own, verified. */
async function backedUp(bucket: string) {
  await createBucket(minio, bucket, 'locked');
  const own = path.join(folder, bucket);
  mkdirSync(own);
  const source = makeSource(path.join(own, 'source'));
  const host: Host = { folder: own, state: path.join(own, 'state'), environment: minio.environment };
  const stores = [
    { id: 's3', from: [], store: 's3', cloud: 'aws' as const, region: 'us-east-1', bucket, path: 'docs/' },
  ];
  const task = writeTask(host, fileTask('docs', source, { stores, local: null }));
  for (const type of ['full', 'incremental']) {
    writeFileSync(path.join(source, type), type);
    for (const argv of [
      ['backup', '--type', type],
      ['verify', '--quick'],
    ]) {
      const ran = await runHere(host, [...argv, '--task', task]);
      expect([argv[0], ran.exit, ran.stderr]).toEqual([argv[0], EXIT.success, '']);
    }
  }
  const target = path.join(own, 'target');
  return { bucket, host, source, task, target };
}

type Backed = Awaited<ReturnType<typeof backedUp>>;

async function restore({ host, task, target }: Backed, environment: Host['environment'] = host.environment) {
  const argv = ['restore', '--task', task, '--target', target, '--format', 'json'];
  return JSON.parse((await runHere({ ...host, environment }, argv)).stdout) as RestoreReport;
}

async function keysOf({ bucket }: Backed): Promise<readonly string[]> {
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  return [...new Set(Versions.map(({ Key = '' }) => Key))];
}

function expectSource({ source, target }: Backed): void {
  expect(fileEntries(path.join(target, source))).toEqual(fileEntries(source));
}

test('deletes and overwrites of everything, ledger and all, change nothing of what comes back', async () => {
  const backed = await backedUp('intruded');
  const keys = await keysOf(backed);
  expect(keys.length).toBeGreaterThan(5);
  for (const Key of keys) await client.send(new DeleteObjectCommand({ Bucket: backed.bucket, Key }));
  for (const Key of keys.filter((_, index) => index % 2 === 0))
    await client.send(new PutObjectCommand({ Bucket: backed.bucket, Key, Body: 'forged' }));
  const { stdout, exit } = await runHere(backed.host, ['restorable', '--task', backed.task, '--format', 'json']);
  const answer = JSON.parse(stdout) as Restorable;
  expect([exit, answer.points.map(({ type }) => type), answer.broken]).toEqual([
    EXIT.degraded,
    ['full', 'incremental'],
    [],
  ]);
  expect(new Set(answer.suspected.map(({ key }) => key))).toEqual(new Set(keys));
  const report = await restore(backed);
  expect([report.exit, report.why]).toEqual([EXIT.degraded, undefined]);
  expect(report.warnings.join()).toContain('suspected tampering in s3');
  expectSource(backed);
  const verified = await runHere(backed.host, ['verify', '--full', '--task', backed.task]);
  expect([verified.exit, verified.stdout]).toEqual([
    EXIT.damaged,
    expect.stringContaining('lies over it; restores ignore it'),
  ]);
});

test('a version that was verified and is gone is refused, by restore and by verify --full', async () => {
  const backed = await backedUp('purged');
  const [data = ''] = (await keysOf(backed)).filter((key) => /-full-.*\.0001$/.test(key));
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: backed.bucket, Prefix: data }));
  await client.send(new PutObjectCommand({ Bucket: backed.bucket, Key: data, Body: 'forged' }));
  await client.send(new DeleteObjectCommand({ Bucket: backed.bucket, Key: data, VersionId: Versions[0]?.VersionId }));
  const report = await restore(backed);
  expect([report.exit, report.why, report.nearest]).toEqual([
    EXIT.damaged,
    expect.stringContaining(`${data} was verified once and is gone`),
    undefined,
  ]);
  const verified = await runHere(backed.host, ['verify', '--full', '--task', backed.task]);
  expect([verified.exit, verified.stdout]).toEqual([
    EXIT.damaged,
    expect.stringContaining('it was verified once and is gone'),
  ]);
});

test('whoever restores needs to read and to list, versions too, and nothing else', async () => {
  const backed = await backedUp('rights');
  const { bucket } = backed;
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: [`arn:aws:s3:::${bucket}`] },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        Resource: [`arn:aws:s3:::${bucket}/docs/*`, `arn:aws:s3:::${bucket}/_verified/docs/*`],
      },
    ],
  };
  const report = await restore(backed, s3Environment(minio.endpoint, await withPolicy(minio, policy)));
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expectSource(backed);
});
