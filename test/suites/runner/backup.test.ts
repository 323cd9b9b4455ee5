import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import { compile } from '../../../lib/compile';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { listBackups } from '../../../lib/runner/list';
import { prune } from '../../../lib/runner/prune';
import { verifyQuick } from '../../../lib/runner/verify';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { createBucket, s3Client } from '../../servers/s3';
import { systemProgram } from '../../servers/programs';
import { testMachine } from './engine-machine';

/** What a user does: a spec, its task manifests, and the runner against real servers. */

let postgres: PostgresServer;
let minio: MinioServer;
let folder: string;

const AWKWARD = readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8');
const DAY = 86_400_000;
/** A Sunday after every file of these tests was written. */
const START = Date.UTC(2027, 0, 3, 2, 15);

beforeAll(async () => {
  [postgres, minio] = await Promise.all([startPostgres(), startMinio()]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-runs-'));
  await postgres.sql('CREATE DATABASE shop');
  await postgres.sql(AWKWARD, 'shop');
  await createBucket(minio, 'acme-shop', 'locked');
  for (const name of ['first', 'twice', 'prune', 'files', 'alone']) await createBucket(minio, `acme-${name}`, 'locked');
}, 120_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), minio.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function tasksOf(spec: string): ReadonlyMap<string, TaskManifest> {
  const { plan, diagnostics } = compile([{ name: 'spec.hyp', text: spec }], {
    environment: {},
    unset: 'warning',
    today: '2026-11-24',
  });
  if (!plan) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return new Map(plan.tasks.map((task) => [task.name, task]));
}

const spec = (name: string) => `
backup {
  general: {
    backup_window: { start: "01:00" end: "05:00" timezone: "UTC" }
    types: {
      full: { frequency: "weekly" day: "sunday" retention: 10 }
      incremental: { frequency: "daily" retention: 3 }
    }
  }
  database: {
    shop: {
      type: "pg_dump"
      settings: { exclude_tables: ["temp_*", "cache_*"] }
      storage: {
        local: { path: "${folder}/local-${name}" }
        s3: { bucket: "acme-shop" region: "us-east-1" path: "${name}/shop/{year}/{month}/{day}/" }
      }
    }
  }
  filesystem: {
    docs: {
      paths: ["${folder}/docs-${name}"]
      settings: { exclude_patterns: ["*.tmp"] }
      storage: {
        local: { path: "${folder}/local-docs-${name}" }
        s3: { bucket: "acme-shop" region: "us-east-1" path: "${name}/docs/" }
      }
    }
  }
  cloud: { aws_s3: { bucket: "acme-${name}" region: "us-east-1" } }
}
database { shop: { primary: { host: "127.0.0.1" port: ${postgres.port} database: "shop" ssl_mode: "prefer" } } }
deployment { validation: { shop: { queries: ["SELECT 1"] } } }
`;

const machineAt = (time: number) =>
  testMachine({ ...postgres.environment, ...minio.environment }, () => new Date(time));

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};

async function keysIn(bucket: string, prefix: string): Promise<readonly string[]> {
  const client = s3Client(minio);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map((one) => one.Key ?? '');
}

async function bytesOf(bucket: string, key: string): Promise<Buffer> {
  const { Body } = await s3Client(minio).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from(await must(Body).transformToByteArray());
}

/** The bytes of a stream as they lie in S3, by what the manifest says of it. */
async function streamFrom(
  bucket: string,
  manifestKey: string,
  manifest: BackupManifest,
  name: string,
): Promise<Buffer> {
  const stream = must(manifest.streams.find((one) => one.name === name || one.database === name));
  const encoding = must(stream.encodings[0]);
  const base = manifestKey.replace(/\.manifest\.json$/, `-${manifest.attempt}`);
  return Buffer.concat(await Promise.all(encoding.segments.map((one) => bytesOf(bucket, `${base}/${one.name}`))));
}

describe('a PostgreSQL database into S3, a shared store and a folder', () => {
  test('is stored everywhere, verified by another identity, and restored by the plain tool', async () => {
    const task = must(tasksOf(spec('first')).get('shop'));
    const machine = machineAt(START);
    const outcome = await backup(task, { type: 'full' }, machine);
    expect(outcome.why).toBeUndefined();
    expect(outcome.exit).toBe(EXIT.success);
    expect([...outcome.stored].sort()).toEqual(['aws.bucket.acme-first', 'aws.bucket.acme-shop', 'local']);
    const { manifest } = must(outcome.manifest);
    expect(manifest).toMatchObject({ type: 'full', slot: '20270103T021500Z', parent: null, degraded: [], dropped: [] });

    const verified = await verifyQuick(task, machine);
    expect(verified.findings).toEqual([]);
    expect(verified.exit).toBe(EXIT.success);
    expect(verified.verified.filter((one) => !one.already)).toHaveLength(3);
    const again = await verifyQuick(task, machine);
    expect(again.verified.every((one) => one.already)).toBe(true);
    const { backups } = await listBackups(task, machine);
    expect(backups.map(({ state, chain }) => [state, chain])).toEqual(Array(3).fill(['verified', 'complete']));

    const key = must(
      (await keysIn('acme-shop', 'first/shop/2027/01/03/')).find((one) => one.endsWith('.manifest.json')),
    );
    const dump = path.join(folder, 'first.dump');
    writeFileSync(dump, await streamFrom('acme-shop', key, manifest, 'shop'));
    await postgres.sql('CREATE DATABASE back');
    // One key refers to rows that the spec leaves out; the run said so, and pg_restore says so too.
    const { stderr } = spawnSync(systemProgram('pg_restore'), ['-d', 'back', '--no-owner', dump], {
      env: { ...process.env, ...postgres.environment },
      encoding: 'utf8',
    });
    expect(stderr.match(/error: could not execute query/g)).toHaveLength(1);
    expect(stderr).toContain('logins_session_fk');
    const tables = manifest.contents.filter((one) => one.database === 'shop' && one.rows !== undefined);
    expect(tables.length).toBeGreaterThan(3);
    for (const { name, rows, exact } of tables) {
      const count = await postgres.sql(`SELECT count(*) FROM ${name}`, 'back');
      expect([name, Number(count)]).toEqual([name, exact ? rows : Number(count)]);
    }
  }, 120_000);

  test('a second run of the slot is refused and changes nothing', async () => {
    const task = must(tasksOf(spec('twice')).get('shop'));
    const slot = '20270103T021500Z';
    expect((await backup(task, { slot }, machineAt(START))).exit).toBe(EXIT.success);
    const before = (await keysIn('acme-shop', 'twice/')).filter((one) => one.endsWith('.json'));
    expect((await backup(task, { slot }, machineAt(START))).exit).toBe(EXIT.overlap);
    expect((await keysIn('acme-shop', 'twice/')).filter((one) => one.endsWith('.json'))).toEqual(before);
  }, 120_000);

  test('a missing bucket leaves the others, says so and is degraded', async () => {
    const task = must(tasksOf(spec('nowhere')).get('shop'));
    const outcome = await backup(task, {}, machineAt(START));
    expect(outcome.exit).toBe(EXIT.degraded);
    expect(outcome.why).toContain('acme-nowhere');
    expect([...outcome.stored].sort()).toEqual(['aws.bucket.acme-shop', 'local']);
    expect(must(outcome.manifest).manifest.dropped.map((one) => one.store)).toEqual(['aws.bucket.acme-nowhere']);
  }, 120_000);

  test('a wrong password is permanent, says what to do and stores nothing', async () => {
    const task = must(tasksOf(spec('password')).get('shop'));
    const machine = testMachine({ ...postgres.environment, PGPASSWORD: 'canary-of-a-password', ...minio.environment });
    const outcome = await backup(task, {}, machine);
    expect(outcome.exit).toBe(EXIT.permanent);
    expect(outcome.stored).toEqual([]);
    expect(await keysIn('acme-shop', 'password/')).toEqual([]);
    expect(JSON.stringify([outcome, machine.events])).not.toContain('canary-of-a-password');
  }, 120_000);

  test('pruning removes what is over, keeps the newest chain, and waits for locks', async () => {
    const task = must(tasksOf(spec('prune')).get('shop'));
    for (const days of [0, 7, 14]) {
      const machine = machineAt(START + days * DAY);
      expect((await backup(task, {}, machine)).exit).toBe(EXIT.success);
      expect((await verifyQuick(task, machine)).findings).toEqual([]);
    }
    const { lines } = await prune(task, 'dry-run', machineAt(START + 15 * DAY));
    const local = lines.filter((one) => one.store === 'local');
    expect(
      local.filter((one) => one.fate === 'would remove').every((one) => one.key.startsWith('20270103T021500Z')),
    ).toBe(true);
    expect(local.filter((one) => one.fate === 'kept').map((one) => one.why)).toEqual([
      expect.stringContaining('retention ends'),
      'belongs to the newest chain that can be restored',
    ]);
    await prune(task, 'remove', machineAt(START + 15 * DAY));
    const left = (await listBackups(task, machineAt(START + 15 * DAY))).backups.filter((one) => one.store === 'local');
    expect(left.map((one) => one.slot)).toEqual(['20270110T021500Z', '20270117T021500Z']);
    expect(
      (await verifyQuick(task, machineAt(START + 15 * DAY))).findings.filter((one) => one.store === 'local'),
    ).toEqual([]);
  }, 180_000);
});

describe('files, as a full and its increments', () => {
  test('are restored bit for bit at each date by plain tar', async () => {
    const root = path.join(folder, 'docs-files');
    mkdirSync(path.join(root, 'deep/er'), { recursive: true });
    writeFileSync(path.join(root, '.hidden'), 'hidden');
    writeFileSync(path.join(root, 'deep/er/a.txt'), 'one');
    writeFileSync(path.join(root, 'left.tmp'), 'not kept');
    symlinkSync('deep/er/a.txt', path.join(root, 'link'));
    const task = must(tasksOf(spec('files')).get('docs'));
    const state = machineAt(START).stateFolder;
    const at = (days: number) => ({ ...machineAt(START + days * DAY), stateFolder: state });

    const first = await backup(task, { type: 'full' }, at(0));
    expect([first.exit, first.why]).toEqual([EXIT.success, undefined]);
    writeFileSync(path.join(root, 'deep/er/b.txt'), 'two');
    rmSync(path.join(root, 'deep/er/a.txt'));
    const second = await backup(task, { type: 'incremental' }, at(1));
    expect([second.exit, second.why, must(second.manifest).manifest.fullBecause]).toEqual([
      EXIT.success,
      undefined,
      undefined,
    ]);
    expect(must(second.manifest).manifest).toMatchObject({
      type: 'incremental',
      parent: { sha256: must(first.manifest).sha256 },
    });

    const restored = path.join(folder, 'restored');
    mkdirSync(restored);
    for (const { manifest } of [must(first.manifest), must(second.manifest)]) {
      const base = path.join(folder, 'local-docs-files', `${manifest.slot}-${manifest.type}-${manifest.attempt}`);
      for (const stream of manifest.streams) {
        const segments = must(stream.encodings.find((one) => one.stores.includes('local'))).segments;
        const packed = Buffer.concat(segments.map((one) => readFileSync(path.join(base, one.name))));
        execFileSync('tar', ['--extract', '--gzip', '--listed-incremental=/dev/null', '-C', restored, '-f', '-'], {
          input: packed,
        });
      }
    }
    const diff = execFileSync('sh', [
      '-c',
      `find "${restored}" -name a.txt -o -name b.txt -o -name .hidden -o -name left.tmp -o -name link | sort`,
    ]);
    expect(
      diff
        .toString()
        .trim()
        .split('\n')
        .map((one) => path.basename(one))
        .sort(),
    ).toEqual(['.hidden', 'b.txt', 'link']);
  }, 120_000);

  test('without a full that could be followed, an increment is a full and says why', async () => {
    mkdirSync(path.join(folder, 'docs-alone'));
    writeFileSync(path.join(folder, 'docs-alone/a'), 'a');
    const task = must(tasksOf(spec('alone')).get('docs'));
    const outcome = await backup(task, { type: 'incremental' }, machineAt(START));
    expect(must(outcome.manifest).manifest).toMatchObject({
      type: 'full',
      parent: null,
      fullBecause: expect.any(String),
    });
    expect(readdirSync(path.join(folder, 'local-docs-alone')).filter((one) => one.endsWith('.json'))).toHaveLength(1);
  }, 120_000);
});
