import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { TaskManifest } from '../../../lib/contract';
import { SHARED_ROLES, SHARED_ROLE_KIND } from '../../../lib/contract/shared-roles';
import type { RoleKind } from '../../../lib/contract/shared-roles';
import { EXIT } from '../../../lib/runner/exit-code';
import { startGiver } from '../../servers/credential-giver';
import type { CredentialGiver, Give } from '../../servers/credential-giver';
import { startFaultProxy } from '../../servers/fault-proxy';
import type { FaultProxy } from '../../servers/fault-proxy';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client } from '../../servers/s3';
import type { S3Credentials } from '../../servers/s3';
import { fileTask, makeSource, slotAt } from './file-task';
import { bundleRunner, startRunner, writeTask } from './program-run';
import type { Host } from './program-run';

/**
 * A role that tasks share, narrowed by the runner. MinIO is the token service too, and holds sessions to their policy;
 * the role itself is its root account, which may do anything: what is refused is refused by the session's policy alone.
 */
jest.setTimeout(120_000);

const BUCKET = 'shared';
const STORE = 'aws.bucket.shared';
const role = (kind: RoleKind) => `arn:aws:iam::111122223333:role/hypnoscript-shared/${kind}`;

let folder: string;
let program: string;
let minio: MinioServer;
let front: FaultProxy;
let sts: CredentialGiver;

interface Session {
  readonly role: string;
  readonly name: string;
  readonly policy: string;
  readonly credentials: S3Credentials;
}
const sessions: Session[] = [];
/** Whether keys are given for a minute, which is too short for the SDK to keep them. */
let short = false;

const give: Give = async (_path, headers, { body }) => {
  const form = new URLSearchParams(body);
  expect([form.get('Action'), form.get('DurationSeconds')]).toEqual(['AssumeRole', '3600']);
  // Asked under the container's own identity.
  expect(headers.authorization).toContain('Credential=container/');
  const policy = form.get('Policy') ?? '';
  const { Version, Statement } = JSON.parse(policy) as { Version: string; Statement: { Action: string | string[] }[] };
  // MinIO refuses policies with actions that it does not know, and it has no key service of others.
  const known = Statement.filter(({ Action }) => !String(Action).includes('kms:'));
  expect(Statement.length - known.length).toBe(1);
  const credentials = await withPolicy(minio, { Version, Statement: known });
  sessions.push({ role: form.get('RoleArn') ?? '', name: form.get('RoleSessionName') ?? '', policy, credentials });
  const expires = short ? new Date(Date.now() + 60_000) : credentials.expires;
  const xml = `<AccessKeyId>${credentials.accessKeyId}</AccessKeyId><SecretAccessKey>${credentials.secretAccessKey}</SecretAccessKey><SessionToken>${credentials.sessionToken}</SessionToken><Expiration>${expires.toISOString()}</Expiration>`;
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${xml}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  };
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-shared-'));
  program = bundleRunner(folder);
  [minio, sts] = await Promise.all([startMinio(), startGiver(give)]);
  await createBucket(minio, BUCKET, 'versioned');
  front = await startFaultProxy(minio);
});

afterAll(async () => {
  await Promise.all([front.stop(), sts.stop()]);
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  sessions.length = 0;
  short = false;
  front.forget();
});

function world(name: string, bytes = 300_000) {
  const own = path.join(folder, name);
  mkdirSync(own);
  const place = { id: STORE, from: [], store: STORE, cloud: 'aws' as const, region: 'us-east-1', bucket: BUCKET };
  const task: TaskManifest = fileTask(name, makeSource(path.join(own, 'source'), bytes), {
    stores: [{ ...place, path: `data/${name}/` }],
    local: null,
  });
  const host: Host = { folder: own, state: own, environment: {} };
  const file = writeTask(host, task);
  const run = (
    kind: RoleKind,
    argv: readonly string[],
    known: readonly RoleKind[] = ['writer', 'verifier', 'pruner'],
  ) =>
    startRunner(program, host, [argv[0] ?? '', '--task', file, ...argv.slice(1)], {
      environment: {
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL_S3: front.origin,
        AWS_ENDPOINT_URL_STS: sts.origin,
        // What the container itself is: MinIO does not know it, so that whatever is done as it fails.
        AWS_ACCESS_KEY_ID: 'container',
        AWS_SECRET_ACCESS_KEY: 'container-secret',
        [SHARED_ROLE_KIND]: kind,
        [SHARED_ROLES]: JSON.stringify({
          stores: Object.fromEntries(known.map((one) => [one, { [STORE]: role(one) }])),
        }),
      },
    }).ended;
  return { run };
}

const keysUsed = () =>
  new Set(front.requests.map(({ headers }) => /Credential=([^/]+)/.exec(String(headers.authorization ?? ''))?.[1]));
const denied = { name: 'AccessDenied' };

test('a backup, its verification and pruning act as the roles of their kind, for the places of the task', async () => {
  const { run } = world('orders');
  const slot = slotAt(0);
  expect(await run('writer', ['backup', '--type', 'full', '--slot', slot])).toMatchObject({ exit: EXIT.success });
  expect(await run('verifier', ['verify', '--quick'])).toMatchObject({ exit: EXIT.success });
  expect(await run('pruner', ['prune'])).toMatchObject({ exit: EXIT.success });
  expect([...new Set(sessions.map((one) => one.role))]).toEqual([role('writer'), role('verifier'), role('pruner')]);
  expect([...new Set(sessions.map((one) => one.name))]).toEqual(['hypdr-orders']);
  expect(keysUsed()).toEqual(new Set(sessions.map(({ credentials }) => credentials.accessKeyId)));
});

test('the session of one task reaches nothing of another', async () => {
  const { run } = world('invoices');
  expect(await run('writer', ['backup', '--type', 'full', '--slot', slotAt(0)])).toMatchObject({ exit: EXIT.success });
  const owner = s3Client(minio);
  const theirs = ['data/customers/a', '_verified/customers/a', '_recovery/a', 'data/invoices2/a'];
  for (const Key of theirs) await owner.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'theirs' }));
  const [session] = sessions;
  if (!session) throw new Error('no session was made');
  const thief = s3Client(minio, session.credentials);
  for (const Key of theirs) {
    await expect(thief.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).rejects.toMatchObject(denied);
    // Whether a session may add to what restores without us need is its role's business: writers may not.
    if (!Key.startsWith('_recovery/'))
      await expect(thief.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }))).rejects.toMatchObject(denied);
    await expect(thief.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))).rejects.toMatchObject(denied);
  }
  for (const Prefix of ['', 'data/', 'data/customers/', '_verified/']) {
    await expect(thief.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }))).rejects.toMatchObject(denied);
  }
  const own = await thief.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'data/invoices/' }));
  expect(own.KeyCount).toBeGreaterThan(0);
  owner.destroy();
  thief.destroy();
});

test('keys that end during a long upload are asked for again, with the same policy', async () => {
  short = true;
  const { run } = world('long', 30_000_000);
  expect(await run('writer', ['backup', '--type', 'full', '--slot', slotAt(0)])).toMatchObject({ exit: EXIT.success });
  expect(sessions.length).toBeGreaterThan(2);
  expect(new Set(sessions.map((one) => one.policy)).size).toBe(1);
  expect(keysUsed().size).toBeGreaterThan(2);
});

test('a container that was given no role of its kind does nothing under another one', async () => {
  const { run } = world('wrong');
  const { exit, stderr } = await run('writer', ['backup', '--type', 'full', '--slot', slotAt(0)], ['verifier']);
  expect([exit, stderr]).toEqual([EXIT.permanent, expect.stringContaining(`no role of "writer" for ${STORE}`)]);
  expect([sessions.length, front.requests.length]).toEqual([0, 0]);
});
