import { generateKeyPairSync } from 'node:crypto';
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { uploadsOf } from '../../../lib/cli/uploads';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { createBucket } from '../../servers/s3';
import { databaseTask } from '../runner/database-task';
import { writeTask } from '../runner/program-run';
import { imageBuilder } from './build-image';
import type { BuiltImage } from './build-image';

/** The image as a deployment builds it, built for real, and what runs in it. */
const context = uploadsOf(path.resolve(__dirname, '../../..')).image;
const USER = 10001;

let root: string;
let image: BuiltImage;
let refused: { readonly exit: number | null };
let postgres: PostgresServer;
let minio: MinioServer;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hypdr-built-'));
  const builder = imageBuilder(path.join(root, 'buildah'));
  const base = builder.importBase();
  refused = builder.build(context, []);
  const built = builder.build(context, [
    ...['--build-arg', `BASE_IMAGE=${base}`, '--build-arg', 'PACKAGES=postgresql-17-pgvector postgresql-17-cron'],
  ]);
  if (built.exit !== 0) throw new Error(built.stderr.slice(-4000));
  image = builder.open();
  [postgres, minio] = await Promise.all([startPostgres(), startMinio()]);
  await postgres.sql('CREATE DATABASE shop');
  await postgres.sql('CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id', 'shop');
  await createBucket(minio, 'image', 'versioned');
}, 600_000);

afterAll(async () => {
  image.remove();
  await Promise.all([postgres.stop(), minio.stop()]);
  rmSync(root, { recursive: true, force: true });
}, 120_000);

test('without a base image there is no image', () => {
  expect(refused.exit).not.toBe(0);
});

test.each([
  ['pg_dump', /\(PostgreSQL\) 17\./],
  ['psql', /\(PostgreSQL\) 17\./],
  ['mariadb-dump', /MariaDB/],
  ['mariadb-binlog', /MariaDB/],
  ['tar', /GNU tar/],
  ['gzip', /gzip/],
  ['pigz', /pigz/],
  ['zstd', /Zstandard/],
])('%s is in it, and the user may start it', (tool, version) => {
  expect(image.run([tool, '--version'])).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(version) as string,
  });
});

test.each([
  [['/usr/lib/postgresql/17/bin/postgres', '--version'], /\(PostgreSQL\) 17\./],
  [['/usr/lib/postgresql/17/bin/initdb', '--version'], /\(PostgreSQL\) 17\./],
  [['/usr/lib/postgresql/17/bin/pg_amcheck', '--version'], /\(PostgreSQL\) 17\./],
  [['/usr/sbin/mariadbd', '--no-defaults', '--version'], /MariaDB/],
  [['sh', '-c', 'command -v mariadb-install-db'], /mariadb-install-db/],
])('%j, for test restores, is in it', (argv, said) => {
  expect(image.run(argv)).toMatchObject({ exit: 0, stdout: expect.stringMatching(said) as string });
});

test.each(['vector', 'pg_cron'])('%s, an extension that the spec names, can be made by its server', (extension) => {
  const file = `/usr/share/postgresql/17/extension/${extension}.control`;
  expect(image.run(['grep', '-c', 'default_version', file])).toMatchObject({ exit: 0, stdout: '1\n' });
});

test('it has the locales of databases that it restores', () => {
  expect(image.run(['locale', '-a']).stdout.split('\n')).toEqual(
    expect.arrayContaining(['de_DE.utf8', 'en_US.utf8', 'ja_JP.utf8']),
  );
});

test('no cluster was made when the servers were installed', () => {
  expect(image.run(['sh', '-c', 'ls /var/lib/postgresql/*/ /etc/postgresql/*/ 2>/dev/null']).stdout).toBe('');
});

test('its user is nobody in particular, and may write to nothing of the program', () => {
  expect(image.run(['id', '-u']).stdout.trim()).toBe(String(USER));
  expect(image.run(['sh', '-c', 'echo x >> /opt/hypnoscript-dr/runner.js']).exit).not.toBe(0);
  expect(image.run(['sh', '-c', 'test -w / || test -w /etc || test -w /opt || test -w /usr']).exit).not.toBe(0);
});

test('the runner in it backs up a real server, verifies what it stored, and restores it for a test', () => {
  const state = path.join(root, 'state');
  mkdirSync(state);
  chownSync(state, USER, USER);
  const place = {
    ...{ id: 's3', from: [], store: 's3', region: 'us-east-1', bucket: 'image', path: 'shop/' },
    cloud: 'aws',
  } as const;
  const host = { folder: root, state, environment: {} };
  const task = writeTask(host, databaseTask('postgresql', 'shop', { stores: [place] }));
  const options = {
    environment: { ...postgres.environment, ...minio.environment },
    folders: { '/var/lib/hypnoscript-dr': state, '/task.json': task, '/record.pem': makeKey() },
  };
  for (const words of [
    ['backup', '--type', 'full'],
    ['verify', '--quick'],
    ['verify', '--full'],
    ['test-restore', '--record-key', '/record.pem'],
  ]) {
    const { exit, stderr } = image.start([...words, '--task', '/task.json'], options);
    expect([words, exit, exit === EXIT.success || stderr]).toEqual([words, EXIT.success, true]);
  }
});

/** A key for records, which the user of the image may read. */
function makeKey(): string {
  const file = path.join(root, 'record.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o400 });
  chownSync(file, USER, USER);
  return file;
}
