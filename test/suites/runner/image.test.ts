import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { uploadsOf } from '../../../lib/cli/uploads';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { createBucket } from '../../servers/s3';
import { databaseTask } from './database-task';
import { startRunner, writeTask } from './program-run';
import type { Host } from './program-run';

/**
 * The build context of the image, as a deployment uploads it: what the Dockerfile copies is in it, and the runner takes
 * a backup with that alone, as the image's user, who may write to its state and to temporary files only. The suite
 * `image` builds it.
 */
const context = uploadsOf(path.resolve(__dirname, '../../..')).image;
const dockerfile = readFileSync(path.join(context, 'Dockerfile'), 'utf8').replace(/\\\n/g, ' ');
const lines = (word: string) =>
  dockerfile.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1).trim()] : []));
const only = (word: string): string => {
  const [line, ...more] = lines(word);
  if (line === undefined || more.length > 0) throw new Error(`${more.length + 1} lines ${word}`);
  return line;
};

let root: string;
let postgres: PostgresServer;
let minio: MinioServer;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hypdr-image-'));
  [postgres, minio] = await Promise.all([startPostgres(), startMinio()]);
  await postgres.sql('CREATE DATABASE shop');
  await postgres.sql('CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id', 'shop');
  await createBucket(minio, 'image', 'versioned');
}, 120_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), minio.stop()]);
  rmSync(root, { recursive: true, force: true });
});

test('the context has what the Dockerfile copies, and nothing else', () => {
  const copied = lines('COPY').map((line) => line.split(/\s+/)[0] ?? '');
  expect([...copied, 'Dockerfile'].sort()).toEqual(readdirSync(context).sort());
});

test('the base image is asked for by its digest: there is none to fall back on', () => {
  expect(dockerfile).toMatch(/^ARG BASE_IMAGE$/m);
  expect(only('FROM')).toBe('${BASE_IMAGE}');
});

test('the runner backs up with that alone, as a user who owns nothing but its state', async () => {
  for (const line of lines('COPY')) {
    const [from = '', to = ''] = line.split(/\s+/);
    cpSync(path.join(context, from), path.join(root, to));
  }
  const [node, ...words] = JSON.parse(only('ENTRYPOINT')) as string[];
  expect(node).toBe('node');
  const [program = '', ...flags] = words.reverse();
  const file = path.join(root, program);
  expect(existsSync(file)).toBe(true);

  const [uid = 0, gid = 0] = only('USER').split(':').map(Number);
  expect(uid).toBeGreaterThan(0);
  const state = path.join(root, /HYPDR_STATE=(\S+)/.exec(dockerfile)?.[1] ?? '');
  expect(JSON.parse(only('VOLUME'))).toContain(state.slice(root.length));
  mkdirSync(state, { recursive: true });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(state, uid, gid);
  chmodSync(root, 0o755);

  // The image's list of users gives this one a home that is not there.
  const environment = { HOME: '/nonexistent', ...postgres.environment, ...minio.environment };
  const host: Host = { folder: root, state, environment };
  const place = {
    id: 's3',
    from: [],
    store: 's3',
    cloud: 'aws',
    region: 'us-east-1',
    bucket: 'image',
    path: 'shop/',
  } as const;
  const task = writeTask(host, databaseTask('postgresql', 'shop', { stores: [place] }));
  const options = { node: flags.reverse(), ...(isRoot && { user: { uid, gid } }) };
  for (const argv of [
    ['backup', '--task', task, '--type', 'full'],
    ['verify', '--quick', '--task', task],
  ]) {
    const { exit, stderr } = await startRunner(file, host, argv, options).ended;
    expect([exit, exit === EXIT.success || stderr]).toEqual([EXIT.success, true]);
  }
}, 60_000);
