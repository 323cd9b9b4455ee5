import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import { renderRestorer } from '../../../lib/aws/rights';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import type { S3Credentials } from '../../servers/s3';
import { fileTask, makeSource, slotAt } from './file-task';
import { runHere, writeTask } from './program-run';

/** A test restore with exactly the rights that the templates give to a restorer on AWS, on a server that enforces them. */

const BUCKET = 'hypdr-restorer';
let minio: MinioServer;
let folder: string;

beforeAll(async () => {
  minio = await startMinio();
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restorer-'));
}, 120_000);

afterAll(async () => {
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As the role has them, but for the key service, which is not there. */
function restorerPolicy(): object {
  const stack = new Stack(new App(), 'rights', { env: { region: 'us-east-1', account: '111122223333' } });
  const statements = renderRestorer({
    bucketArn: `arn:aws:s3:::${BUCKET}`,
    region: stack.region,
    key: { kind: 'key', arn: 'arn:aws:kms:us-east-1:111122223333:key/k' },
    prefixes: ['docs/'],
    ledgers: ['_verified/docs/'],
    longestLockDays: 30,
  })
    .map((one) => one.toStatementJson() as { Action: string | string[] })
    .filter(({ Action }) => [Action].flat().every((action) => action.startsWith('s3:')));
  return { Version: '2012-10-17', Statement: statements };
}

test('restores, leaves a record, and can write neither the ledger nor data, nor remove anything', async () => {
  await createBucket(minio, BUCKET, 'versioned');
  const store = { id: 'n', from: [], store: 's3', cloud: 'aws' as const, region: 'us-east-1' };
  const task = fileTask('docs', makeSource(path.join(folder, 'source'), 9_000_000), {
    stores: [{ ...store, bucket: BUCKET, path: 'docs/' }],
    local: null,
  });
  const state = path.join(folder, 'state');
  mkdirSync(state);
  const host = { folder, state, environment: minio.environment };
  const file = writeTask(host, task);
  const key = path.join(folder, 'record.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const now = () => new Date(Date.UTC(2027, 0, 1, 3));
  const call = (credentials: S3Credentials, ...command: string[]) =>
    runHere({ ...host, environment: s3Environment(minio.endpoint, credentials) }, [...command, '--task', file], {
      now,
    });
  const restorer = await withPolicy(minio, restorerPolicy());
  expect((await call(minio.credentials, 'backup', '--type', 'full', '--slot', slotAt(0))).exit).toBe(EXIT.success);
  // It may not vouch for what it reads.
  expect((await call(restorer, 'verify', '--quick')).exit).not.toBe(EXIT.success);
  expect((await call(minio.credentials, 'verify', '--quick')).exit).toBe(EXIT.success);

  const { exit, stdout, stderr } = await call(restorer, 'test-restore', '--record-key', key);
  expect([exit, stderr]).toEqual([EXIT.success, '']);
  expect(stdout).toMatch(/^record: s3 _records\/docs\/\S+-test-restore-[0-9a-f]{16}\.json$/m);

  const root = s3Client(minio);
  const { Versions = [] } = await root.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
  const [records, others] = [true, false].map((is) =>
    Versions.filter((one) => one.Key?.startsWith('_records/') === is),
  );
  expect([records?.length, (others?.length ?? 0) >= 3]).toEqual([1, true]);
  const thief = s3Client(minio, restorer);
  for (const { Key, VersionId } of Versions) {
    const remove = new DeleteObjectCommand({ Bucket: BUCKET, Key, VersionId });
    await expect(thief.send(remove)).rejects.toMatchObject({ name: 'AccessDenied' });
  }
  for (const { Key } of others ?? []) {
    const write = new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' });
    await expect(thief.send(write)).rejects.toMatchObject({ name: 'AccessDenied' });
  }
}, 120_000);
