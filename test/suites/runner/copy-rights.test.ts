import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import type { TaskManifest, TaskStore } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startAzurite } from '../../servers/azurite';
import type { AzuriteServer } from '../../servers/azurite';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import type { S3Credentials } from '../../servers/s3';
import { fileTask, makeSource, slotAt } from './file-task';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** A copier's rights on S3, as docs/runner.md has them, from either side; azurite stands for the other cloud. */

const PREFIX = 'data/docs/';
let minio: MinioServer;
let azurite: AzuriteServer;
let folder: string;

beforeAll(async () => {
  [minio, azurite] = await Promise.all([startMinio(), startAzurite()]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-copier-'));
}, 120_000);

afterAll(async () => {
  await Promise.all([minio.stop(), azurite.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const allow = (Action: readonly string[], ...Resource: string[]) => ({ Effect: 'Allow', Action, Resource });
const listing = (bucket: string, actions: readonly string[], ...prefixes: string[]) => ({
  ...allow(actions, `arn:aws:s3:::${bucket}`),
  Condition: { StringLike: { 's3:prefix': prefixes } },
});

/** What the task's own run may do there. */
const writer = (bucket: string) => [
  allow(
    ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObjectRetention'],
    `arn:aws:s3:::${bucket}/${PREFIX}*`,
  ),
  allow(['s3:GetObject'], `arn:aws:s3:::${bucket}/${PREFIX}*.manifest.json`),
  listing(bucket, ['s3:ListBucket'], `${PREFIX}*`),
  { Effect: 'Deny', Action: ['s3:Put*', 's3:Delete*'], Resource: [`arn:aws:s3:::${bucket}/_*`] },
];
/** What its destination may grant it beside. */
const ledger = (bucket: string) => [
  allow(['s3:GetObject'], `arn:aws:s3:::${bucket}/_verified/docs/*`),
  listing(bucket, ['s3:ListBucket'], '_verified/docs/*'),
];
const reader = (bucket: string) => [
  allow(
    ['s3:GetObject', 's3:GetObjectVersion'],
    `arn:aws:s3:::${bucket}/${PREFIX}*`,
    `arn:aws:s3:::${bucket}/_verified/docs/*`,
  ),
  listing(bucket, ['s3:ListBucket', 's3:ListBucketVersions'], `${PREFIX}*`, '_verified/docs/*'),
];

const policyOf = (Statement: readonly object[]) => withPolicy(minio, { Version: '2012-10-17', Statement });

async function prepare(name: string, direction: 'into S3' | 'out of S3') {
  await createBucket(minio, name, 'locked');
  await BlobServiceClient.fromConnectionString(azurite.connectionString()).createContainer(name);
  const place = { id: 'n', from: [], bucket: name, path: PREFIX };
  const s3: TaskStore = { ...place, store: 's3', cloud: 'aws', region: 'us-east-1' };
  const blob: TaskStore = { ...place, store: 'blob', cloud: 'azure', region: 'r', account: azurite.account };
  const [own, far] = direction === 'into S3' ? [blob, s3] : [s3, blob];
  const source = makeSource(path.join(folder, `${name}-source`), 9_000_000);
  const task: TaskManifest = fileTask('docs', source, { stores: [own], copies: [{ ...far, source: own.store }] });
  const state = path.join(folder, name);
  mkdirSync(state);
  const host: Host = { folder: state, state, environment: { ...minio.environment, ...azurite.environment } };
  const file = writeTask(host, { ...task, runs: task.runs.map((run) => ({ ...run, lockDays: 30 })) });
  const now = () => new Date(Date.UTC(2027, 0, 1, 3));
  const call = (credentials: S3Credentials, command: string, ...more: string[]) => {
    const environment = { ...azurite.environment, ...s3Environment(minio.endpoint, credentials) };
    return runHere({ ...host, environment }, [command, '--task', file, ...more], { now });
  };
  expect((await call(minio.credentials, 'backup', '--type', 'full', '--slot', slotAt(0))).exit).toBe(EXIT.success);
  expect((await call(minio.credentials, 'verify', '--quick', '--store', own.store)).exit).toBe(EXIT.success);
  return { call };
}

test.each([
  ['with the ledger', true],
  ['without it', false],
])(
  'into S3 a writer can copy, %s, and can neither read nor delete what it copied',
  async (_name, withLedger) => {
    const bucket = withLedger ? 'into-ledger' : 'into';
    const { call } = await prepare(bucket, 'into S3');
    const credentials = await policyOf([...writer(bucket), ...(withLedger ? ledger(bucket) : [])]);
    // Somebody was there before, under a name of this backup.
    const forged = `${PREFIX}${slotAt(0)}-full-${'0'.repeat(16)}/files.0001`;
    await s3Client(minio, credentials).send(new PutObjectCommand({ Bucket: bucket, Key: forged, Body: 'forged' }));

    const copied = await call(credentials, 'copy', '--store', 's3');
    expect([copied.exit, copied.stdout]).toEqual([EXIT.success, `copied      s3  ${slotAt(0)}-full: from blob\n`]);
    const thief = s3Client(minio, credentials);
    const keys = copied.events;
    expect(keys.map((one) => one.event)).toContain('copy_stored');
    await expect(thief.send(new GetObjectCommand({ Bucket: bucket, Key: forged }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(thief.send(new DeleteObjectCommand({ Bucket: bucket, Key: forged }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const forgedEntry = new PutObjectCommand({ Bucket: bucket, Key: `_verified/docs/${PREFIX}x`, Body: '{}' });
    await expect(thief.send(forgedEntry)).rejects.toMatchObject({ name: 'AccessDenied' });

    const verified = await call(minio.credentials, 'verify', '--quick', '--store', 's3');
    expect([verified.exit, verified.stdout]).toEqual([
      EXIT.success,
      '1 newly verified, 0 verified before, 0 findings\n',
    ]);
    expect((await call(credentials, 'copy', '--store', 's3')).stdout).toBe('nothing is lacking anywhere\n');
  },
  120_000,
);

test('out of S3 a reader can be copied from, which can create nothing there', async () => {
  const { call } = await prepare('out', 'out of S3');
  const credentials = await policyOf(reader('out'));
  const copied = await call(credentials, 'copy', '--store', 'blob');
  expect([copied.exit, copied.stdout]).toEqual([EXIT.success, `copied      blob  ${slotAt(0)}-full: from s3\n`]);
  const put = new PutObjectCommand({ Bucket: 'out', Key: `${PREFIX}x`, Body: 'x' });
  await expect(s3Client(minio, credentials).send(put)).rejects.toMatchObject({ name: 'AccessDenied' });
  expect((await call(minio.credentials, 'verify', '--quick', '--store', 'blob')).exit).toBe(EXIT.success);
}, 120_000);

test('without the right to read the source nothing is copied, and it will not work by itself', async () => {
  const { call } = await prepare('blind', 'out of S3');
  const credentials = await policyOf(writer('blind'));
  const { exit, stdout } = await call(credentials, 'copy', '--store', 'blob');
  expect([exit, stdout]).toEqual([EXIT.permanent, expect.stringContaining("s3: it can't be read as a source")]);
}, 120_000);
