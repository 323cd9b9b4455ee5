import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { slotOf } from '../../../lib/runner/slot';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import pins from '../../servers/pins.json';
import { systemProgram } from '../../servers/programs';
import { createBucket } from '../../servers/s3';
import { databaseTask } from './database-task';
import { fileTask } from './file-task';
import { expectSameFiles } from './plain-restore';
import { bundleRunner, startRunner, writeTask } from './program-run';
import type { Host } from './program-run';

/** A machine that has nothing of ours: what lies in the store, its recipe as it is written, and plain tools. */

let minio: MinioServer;
let postgres: PostgresServer;
let folder: string;
let program: string;
beforeAll(async () => {
  [minio, postgres] = await Promise.all([startMinio(), startPostgres()]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-recovery-'));
  program = await bundleRunner(folder);
}, 180_000);
afterAll(async () => {
  await Promise.all([minio.stop(), postgres.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const HOUR = 3_600_000;

const TOOLS = [
  ...[
    'bash',
    'jq',
    'sha256sum',
    'gzip',
    'zstd',
    'tar',
    'cat',
    'cp',
    'cut',
    'find',
    'grep',
    'head',
    'mkdir',
    'mv',
    'rm',
    'sed',
  ],
  ...['sort', 'tail', 'awk', 'mawk', 'pg_restore', 'psql', 'createdb'],
];

/** The AWS command line, which is Python and needs its own surroundings: the user's, or that of `servers:install`. */
const INSTALLED = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'hypnoscript-dr/servers');
const AWS = `#!/bin/sh
export PATH='${process.env.PATH}:${INSTALLED}/awscli-${pins.awscli.version}/bin' HOME='${homedir()}'
exec aws "$@"
`;

/** An empty folder, a PATH with nothing but the tools of the recipe, and who may read the store. */
function blankMachine(name: string) {
  const home = path.join(folder, name);
  const bin = path.join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const tool of TOOLS) symlinkSync(systemProgram(tool), path.join(bin, tool));
  writeFileSync(path.join(bin, 'aws'), AWS);
  chmodSync(path.join(bin, 'aws'), 0o755);
  const environment = { PATH: bin, HOME: home, ...minio.environment, ...postgres.environment };
  const bash = (script: string, more: Readonly<Record<string, string>> = {}) =>
    spawnSync(path.join(bin, 'bash'), ['--norc', '-euo', 'pipefail', '-c', script], {
      cwd: home,
      env: { ...environment, ...more },
      encoding: 'utf8',
    });
  return { home, bin, environment, bash };
}

type Blank = ReturnType<typeof blankMachine>;

/** All of `_recovery/`, and the one folder in it that has a recipe. */
function download({ home, bash }: Blank, bucket: string): string {
  const { status, stderr } = bash(`aws s3 cp --recursive --quiet s3://${bucket}/_recovery/ .`);
  expect([status, stderr]).toEqual([0, '']);
  const folders = readdirSync(home).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const own = folders.filter((name) => readdirSync(path.join(home, name)).includes('recipe.md'));
  expect([folders.length, own.length]).toEqual([2, 1]);
  const [found = ''] = own;
  const sums = readFileSync(path.join(home, found, 'SHA256SUMS'));
  expect(createHash('sha256').update(sums).digest('hex')).toBe(found);
  return found;
}

/** The blocks of a recipe, as they are written. */
function blocksOf(recipe: string, kind: string): readonly string[] {
  return [...recipe.matchAll(/^```sh ?(.*)\n([^]*?)^```$/gm)].flatMap(([, of, text = '']) =>
    of === kind ? [text] : [],
  );
}

function runBlocks(
  { home, bash }: Blank,
  own: string,
  kind: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const blocks = blocksOf(readFileSync(path.join(home, own, 'recipe.md'), 'utf8'), kind);
  expect(blocks.length).toBeGreaterThan(0);
  const { status, stdout, stderr } = bash(`cd ${own}\n${blocks.join('\n')}`, more);
  expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
}

async function call(host: Host, ...argv: string[]) {
  const ran = await startRunner(program, host, argv).ended;
  expect([argv[0], ran.exit, ran.exit === EXIT.success ? '' : ran.stderr]).toEqual([argv[0], EXIT.success, '']);
  return ran;
}

function hostAt(name: string, environment: Readonly<Record<string, string>>): Host {
  const own = path.join(folder, name);
  mkdirSync(own, { recursive: true });
  return { folder: own, state: path.join(own, 'state'), environment };
}

const storeOf = (bucket: string): TaskManifest['stores'][number] => ({
  ...{ id: 's3', from: [], store: 's3', cloud: 'aws', region: 'us-east-1' },
  bucket,
  path: `data/${bucket}/{year}/`,
});

test('a file chain comes back by the recipe with plain tools, and by the runner that lies there', async () => {
  await createBucket(minio, 'papers', 'versioned');
  const host = hostAt('papers', minio.environment);
  const source = path.join(host.folder, "it's a source");
  mkdirSync(path.join(source, 'sub'), { recursive: true });
  for (const name of ['a', 'b', 'sub/ü']) writeFileSync(path.join(source, name), name.repeat(1000));
  const task = writeTask(host, fileTask('papers', source, { stores: [storeOf('papers')] }));
  for (const [day, [type, change]] of (
    [
      ['full', () => undefined],
      ['incremental', () => rmSync(path.join(source, 'a'))],
      ['incremental', () => writeFileSync(path.join(source, 'c'), 'new')],
    ] as const
  ).entries()) {
    change();
    await call(
      host,
      'backup',
      '--task',
      task,
      '--type',
      type,
      '--slot',
      slotOf(new Date(Date.now() - (3 - day) * HOUR)),
    );
    const { events } = await call(host, 'verify', '--quick', '--task', task);
    const written = events.filter(({ event }) => event === 'recovery_written').length;
    // Twice when there was nothing: the runner, and what is the task's own.
    expect([type, written]).toEqual([type, type === 'full' ? 2 : 0]);
  }

  const blank = blankMachine('blank-papers');
  const own = download(blank, 'papers');
  runBlocks(blank, own, '');
  runBlocks(blank, own, 'plain');
  expectSameFiles(source, path.join(blank.home, own, 'restored', source));
  // Once more, as after a stop half way: nothing is listed twice.
  const streams = () => {
    const parts = path.join(blank.home, own, 'work/parts');
    return readdirSync(parts).map((part) => readFileSync(path.join(parts, part, 'streams.tsv'), 'utf8'));
  };
  const before = streams();
  expect(before).toHaveLength(3);
  mkdirSync(path.join(blank.home, own, 'work/parts/001-of-another'));
  expect(
    blank.bash(`cd ${own}\n${blocksOf(readFileSync(path.join(blank.home, own, 'recipe.md'), 'utf8'), 'plain')[0]}`),
  ).toMatchObject({
    status: 0,
  });
  expect(streams()).toEqual(before);

  symlinkSync(process.execPath, path.join(blank.bin, 'node'));
  for (const tool of ['flock', 'sync']) symlinkSync(systemProgram(tool), path.join(blank.bin, tool));
  const target = path.join(blank.home, 'by-runner');
  runBlocks(blank, own, 'runner', { TARGET: target, HYPDR_STATE: path.join(blank.home, 'state') });
  expectSameFiles(source, path.join(target, source));

  // A changed byte of a part stops the recipe before anything is restored.
  const damaged = blankMachine('blank-damaged');
  cpSync(path.join(blank.home, own), path.join(damaged.home, own), { recursive: true });
  const ledger = path.join(damaged.home, own, 'work/ledger');
  const entry = path.join(ledger, readdirSync(ledger)[1] ?? '');
  writeFileSync(entry, readFileSync(entry, 'utf8').replace('pointInTime', 'pointInTimes'));
  const [plain = ''] = blocksOf(readFileSync(path.join(damaged.home, own, 'recipe.md'), 'utf8'), 'plain');
  const { status, stderr } = damaged.bash(`cd ${own}\n${plain}`);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/is not what its hash says/)]);
});

test('a PostgreSQL dump comes back by the recipe with plain tools', async () => {
  await createBucket(minio, 'shop', 'versioned');
  const host = hostAt('shop', { ...minio.environment, ...postgres.environment });
  await postgres.sql('CREATE ROLE seller');
  await postgres.sql('CREATE DATABASE shop');
  const inShop = (statement: string) =>
    execFileSync(systemProgram('psql'), ['-XAtq', '-d', 'shop', '-c', statement], {
      env: { PATH: process.env.PATH, ...postgres.environment },
      encoding: 'utf8',
    });
  inShop(
    "CREATE TABLE orders (id serial PRIMARY KEY, what text); INSERT INTO orders (what) SELECT 'no ' || g FROM generate_series(1, 1000) g; GRANT SELECT ON orders TO seller",
  );
  const digest = () =>
    inShop(
      "SELECT count(*), md5(string_agg(orders::text, ',' ORDER BY id)), nextval('orders_id_seq') > 1000, has_table_privilege('seller', 'orders', 'SELECT') FROM orders",
    );
  const before = digest();
  const task = writeTask(
    host,
    databaseTask('postgresql', 'shop', {
      stores: [storeOf('shop')],
      source: { kind: 'database', database: 'shop', secret: 'shop', environment: [] },
    } as Partial<TaskManifest>),
  );
  await call(host, 'backup', '--task', task, '--type', 'full');
  await call(host, 'verify', '--quick', '--task', task);
  await postgres.sql('DROP DATABASE shop');

  const blank = blankMachine('blank-shop');
  const own = download(blank, 'shop');
  runBlocks(blank, own, '');
  runBlocks(blank, own, 'plain');
  expect(digest()).toBe(before);
});
