import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { readLedger } from '../../../lib/runner/history';
import { readAll, sha256Of } from '../../../lib/runner/manifest';
import { openStore } from '../../../lib/runner/store/open';
import { verifyQuick } from '../../../lib/runner/verify';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import { testMachine, testTask } from './engine-machine';

/** The writer's exact rights on S3, as the protocol has them, and what somebody can do who stole them. */

const BUCKET = 'rights';
const PREFIX = 'docs/';
const OPERATIONS = 1000;

let minio: MinioServer;
let folder: string;
let task: TaskManifest;

const arn = (suffix: string) => `arn:aws:s3:::${BUCKET}${suffix}`;

/** MinIO knows no remaining-retention condition for uploads and no If-None-Match condition; the rest is as deployed. */
const WRITER = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObjectRetention'],
      Resource: [arn(`/${PREFIX}*`)],
    },
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [arn(`/${PREFIX}*.manifest.json`)] },
    {
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: [arn('')],
      Condition: { StringLike: { 's3:prefix': [`${PREFIX}*`] } },
    },
    { Effect: 'Deny', Action: ['s3:*'], Resource: [arn('/_*')] },
  ],
};

beforeAll(async () => {
  minio = await startMinio();
  await createBucket(minio, BUCKET, 'locked');
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-rights-'));
  mkdirSync(path.join(folder, 'docs'));
  for (const name of ['a', 'b', 'c']) writeFileSync(path.join(folder, 'docs', name), name.repeat(100_000));
  const run = {
    id: 'run',
    from: [],
    schedule: { kind: 'interval' as const, everySeconds: 86_400, offsetSeconds: 0 },
    expectedSeconds: 1800,
    retentionDays: 30,
    lockDays: 30,
    compression: 'gzip' as const,
    encryption: true,
  };
  task = testTask({
    name: 'docs',
    engine: 'files',
    tool: 'tar',
    source: {
      kind: 'files',
      paths: [path.join(folder, 'docs')],
      exclude: [],
      hidden: true,
      permissions: true,
      ownership: true,
    },
    runs: [{ ...run, type: 'full', for: ['full'], cadence: { kind: 'daily' } }],
    stores: [
      {
        id: 's',
        from: [],
        store: 'aws.bucket.rights',
        cloud: 'aws',
        region: 'us-east-1',
        bucket: BUCKET,
        path: PREFIX,
      },
    ],
  });
}, 120_000);

afterAll(async () => {
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

const START = Date.UTC(2027, 0, 3, 2, 15);

test('a backup works with them, while content can be neither read nor deleted', async () => {
  const credentials = await withPolicy(minio, WRITER);
  const machine = testMachine(s3Environment(minio.endpoint, credentials), () => new Date(START));
  const outcome = await backup(task, {}, machine);
  expect([outcome.exit, outcome.why]).toEqual([EXIT.success, undefined]);

  const thief = s3Client(minio, credentials);
  const manifest = outcome.manifest?.manifest;
  const folderKey = `${PREFIX}${manifest?.slot}-full-${manifest?.attempt}`;
  const [segment] = manifest?.streams[0]?.encodings[0]?.segments ?? [];
  const key = `${folderKey}/${segment?.name}`;
  await expect(thief.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  await expect(thief.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  const forged = new PutObjectCommand({ Bucket: BUCKET, Key: '_verified/docs/forged.json', Body: '{}' });
  await expect(thief.send(forged)).rejects.toMatchObject({ name: 'AccessDenied' });
}, 120_000);

/** One thing that a thief tries; most are refused, some are not. */
function attack(thief: S3Client, keys: readonly string[], n: number): Promise<unknown> {
  const Key = keys[(n * 7) % keys.length] ?? '';
  const Bucket = BUCKET;
  const tries = [
    () => thief.send(new PutObjectCommand({ Bucket, Key, Body: `encrypted by a stranger ${n}` })),
    () => thief.send(new DeleteObjectCommand({ Bucket, Key })),
    () =>
      thief.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [{ Key: 'expire', Value: 'now' }] } })),
    () =>
      thief.send(
        new PutObjectCommand({ Bucket, Key: `${PREFIX}20290101T000000Z-full.manifest.json`, Body: '{"version":1}' }),
      ),
    () => thief.send(new PutObjectCommand({ Bucket, Key: `_verified/docs/${Key}`, Body: '{}' })),
    () =>
      thief.send(
        new PutObjectRetentionCommand({
          Bucket,
          Key,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(START + 86_400_000) },
        }),
      ),
  ];
  return (tries[n % tries.length] as () => Promise<unknown>)();
}

test(`after ${OPERATIONS} operations of somebody who holds them, what was verified is found and restored bit for bit`, async () => {
  const machine = testMachine(minio.environment, () => new Date(START + 86_400_000));
  expect((await backup(task, {}, machine)).exit).toBe(EXIT.success);
  expect((await verifyQuick(task, machine)).findings).toEqual([]);
  const [target] = task.stores;
  if (!target) throw new Error('no store');
  const store = await openStore(target, machine);
  const before = await readLedger({ store, path: PREFIX }, task.name);
  const keys = before.entries.flatMap((one) => one.entry.objects.map((object) => object.key));

  const thief = s3Client(minio, await withPolicy(minio, WRITER));
  for (let n = 0; n < OPERATIONS; n += 1) await attack(thief, keys, n).catch(() => undefined);

  const after = await readLedger({ store, path: PREFIX }, task.name);
  expect(after).toEqual(before);
  for (const { entry, manifest } of after.entries) {
    for (const object of entry.objects) {
      const bytes = await readAll(await store.read(object.key, { ...(object.version && { version: object.version }) }));
      const segment = manifest.streams
        .flatMap((one) => one.encodings.flatMap((two) => two.segments))
        .find((one) => object.key.endsWith(`/${one.name}`));
      expect(sha256Of(bytes)).toBe(segment ? segment.sha256 : entry.manifestSha256);
    }
  }
  const { exit, findings } = await verifyQuick(task, machine);
  expect(exit).toBe(EXIT.damaged);
  expect(findings.filter((one) => one.kind === 'tampered').length).toBeGreaterThan(0);
  expect(findings.filter((one) => one.kind === 'missing')).toEqual([]);
  await store.close();
}, 300_000);
