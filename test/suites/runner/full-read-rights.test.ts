import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import { renderVerifier } from '../../../lib/aws/rights';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import type { S3Credentials } from '../../servers/s3';
import { fileTask, makeSource, slotAt } from './file-task';
import { runHere, writeTask } from './program-run';

/** A full re-read with exactly the rights that the templates give to a verifier on AWS, on a server that enforces them. */

const BUCKET = 'hypdr-full-read';
let minio: MinioServer;
let folder: string;

beforeAll(async () => {
  minio = await startMinio();
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-full-read-'));
}, 120_000);

afterAll(async () => {
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As the role has them, but for the key service, which is not there. */
function verifierPolicy(prefix: string): object {
  const stack = new Stack(new App(), 'rights', { env: { region: 'us-east-1', account: '111122223333' } });
  const statements = renderVerifier({
    bucketArn: `arn:aws:s3:::${BUCKET}`,
    region: stack.region,
    key: { kind: 'key', arn: 'arn:aws:kms:us-east-1:111122223333:key/k' },
    prefixes: [prefix],
    ledgers: ['_verified/docs/'],
    longestLockDays: 30,
  })
    .map((one) => one.toStatementJson() as { Action: string | string[] })
    .filter(({ Action }) => [Action].flat().every((action) => action.startsWith('s3:')));
  return { Version: '2012-10-17', Statement: statements };
}

test('reads every version and the ledger, and can neither write over what it reads nor remove it', async () => {
  await createBucket(minio, BUCKET, 'versioned');
  const store = { id: 'n', from: [], store: 's3', cloud: 'aws' as const, region: 'us-east-1' };
  const task = fileTask('docs', makeSource(path.join(folder, 'source'), 9_000_000), {
    stores: [{ ...store, bucket: BUCKET, path: 'docs/' }],
  });
  const state = path.join(folder, 'state');
  mkdirSync(state);
  const host = { folder, state, environment: minio.environment };
  const file = writeTask(host, task);
  const now = () => new Date(Date.UTC(2027, 0, 1, 3));
  const call = (credentials: S3Credentials, ...command: string[]) =>
    runHere({ ...host, environment: s3Environment(minio.endpoint, credentials) }, [...command, '--task', file], {
      now,
    });
  const verifier = await withPolicy(minio, verifierPolicy('docs/'));
  expect((await call(minio.credentials, 'backup', '--type', 'full', '--slot', slotAt(0))).exit).toBe(EXIT.success);
  expect((await call(verifier, 'verify', '--quick')).exit).toBe(EXIT.success);

  const sound = await call(verifier, 'verify', '--full');
  expect([sound.exit, sound.stdout]).toEqual([EXIT.success, expect.stringMatching(/^1 backups read in full, [1-9]/m)]);

  const root = s3Client(minio);
  const recorded = { Bucket: BUCKET, Prefix: '_verified/docs/_full-read/s3/' };
  const { Versions: readings = [] } = await root.send(new ListObjectVersionsCommand(recorded));
  expect(readings).toHaveLength(1);
  const { Versions = [] } = await root.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'docs/' }));
  expect(Versions.length).toBeGreaterThanOrEqual(2);
  const thief = s3Client(minio, verifier);
  for (const { Key, VersionId } of Versions) {
    const remove = new DeleteObjectCommand({ Bucket: BUCKET, Key, VersionId });
    const write = new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' });
    await expect(thief.send(remove)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(thief.send(write)).rejects.toMatchObject({ name: 'AccessDenied' });
  }

  // One object that it may not read is not permitted, never missing, and no damage.
  const data = Versions.map(({ Key = '' }) => Key).find((key) => !key.endsWith('.json')) ?? '';
  const { Statement } = verifierPolicy('docs/') as { readonly Statement: readonly object[] };
  const bar = {
    Effect: 'Deny',
    Action: ['s3:GetObject', 's3:GetObjectVersion'],
    Resource: [`arn:aws:s3:::${BUCKET}/${data}`],
  };
  const barred = await withPolicy(minio, { Version: '2012-10-17', Statement: [...Statement, bar] });
  const partly = await call(barred, 'verify', '--full');
  expect(partly.exit).toBe(EXIT.permanent);
  expect(partly.stdout).toMatch(/^0 backups read in full/m);
  expect(`${partly.stdout}${partly.stderr}`).toContain(data);
  expect(`${partly.stdout}${partly.stderr}`).toMatch(/not permitted to be read/);
  expect(`${partly.stdout}${partly.stderr}`).not.toMatch(/missing/);

  // A verifier of other data reads none of it, and says so.
  const other = await withPolicy(minio, verifierPolicy('other/'));
  const refused = await call(other, 'verify', '--full');
  expect(refused.exit).not.toBe(EXIT.success);
  expect(refused.stdout).toMatch(/^0 backups read in full/m);
}, 120_000);
