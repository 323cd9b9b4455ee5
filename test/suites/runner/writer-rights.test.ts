import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import { testMachine, testTask } from './engine-machine';
import { writerPolicy } from './writer-policy';

/** The writer's exact rights on S3, as the protocol has them; what somebody can do who stole them is in attacker.test.ts. */

const BUCKET = 'rights';
const PREFIX = 'docs/';

let minio: MinioServer;
let folder: string;
let task: TaskManifest;

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
  const credentials = await withPolicy(minio, writerPolicy(BUCKET, PREFIX));
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
