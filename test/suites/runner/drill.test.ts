import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../../lib/cli/program';
import { compile } from '../../../lib/compile';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { createBucket } from '../../servers/s3';
import { bundleRunner, runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** `hypdr drill restore` on this machine: a backup of a real server, from a real store, into a server of its own. */

const SPEC = `
backup {
  general: {
    backup_window: { start: "02:00" end: "06:00" timezone: "UTC" }
    types: { full: { frequency: "daily" retention: 7 compression: "gzip" } }
  }
  database: {
    shop: { type: "pg_dump" storage: { s3: { bucket: "acme-drill" region: "us-east-1" path: "shop/" } } }
  }
}
database { shop: { primary: { host: "127.0.0.1" database: "shop" ssl_mode: "prefer" } } }
deployment { validation: { shop: { queries: ["SELECT count(*) = 1000 FROM orders"] } } }
disaster_recovery {
  objectives: { rto: { critical_systems: "4h" } }
  scenarios: { flood: {
    description: "water" probability: "low" impact: "high"
    recovery_steps: [{ step: 1 action: "Database restoration" estimated_time: "2h" responsible: "team" }]
  } }
}`;

let postgres: PostgresServer;
let minio: MinioServer;
let root: string;
let host: Host;
let task: string;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hypdr-drill-test-'));
  [postgres, minio] = await Promise.all([startPostgres(), startMinio()]);
  await postgres.sql('CREATE DATABASE shop');
  await postgres.sql('CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id', 'shop');
  await createBucket(minio, 'acme-drill', 'versioned');
  mkdirSync(path.join(root, 'dist/bin'), { recursive: true });
  bundleRunner(path.join(root, 'dist/bin'));
  writeFileSync(path.join(root, 'my.hyp'), SPEC);
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path.join(root, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { plan } = compile([{ name: 'my.hyp', text: SPEC }], {
    environment: {},
    unset: 'warning',
    today: '2026-11-22',
  });
  const [planned] = plan?.tasks ?? [];
  if (!planned) throw new Error('no task');
  const environment = { ...postgres.environment, ...minio.environment };
  host = { folder: root, state: path.join(root, 'state'), environment };
  task = writeTask(host, planned);
  for (const words of [
    ['backup', '--type', 'full'],
    ['verify', '--quick'],
  ])
    expect(await runHere(host, [...words, '--task', task])).toMatchObject({ exit: EXIT.success });
}, 120_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), minio.stop()]);
  rmSync(root, { recursive: true, force: true });
});

async function drill(...words: readonly string[]) {
  const out: string[] = [];
  const exit = await run(['drill', 'restore', 'my.hyp', '--task', 'shop', ...words], {
    ...{ cwd: root, packageRoot: root, colour: 'plain', today: '2026-11-22', version: '0' },
    environment: { PATH: process.env.PATH, ...minio.environment },
    stdout: (text) => void out.push(text),
    stderr: () => undefined,
  });
  return { exit, out: out.join('') };
}

test('a stored backup runs here, is looked into, timed beside the spec, and signed for', async () => {
  const scratch = path.join(root, 'scratch');
  mkdirSync(scratch);
  chmodSync(root, 0o711);
  const { exit, out } = await drill('--record-key', path.join(root, 'key.pem'), '--scratch', scratch);
  expect(out).toMatch(/^drill of "shop" passed, \d{8}T\d{6}Z-full of \S+ from aws\.bucket\.acme-drill\n/);
  expect(out).toMatch(/^Database restoration \(disaster_recovery\.scenarios\.flood\.recovery_steps\[0\]\) +2h +\d/m);
  expect(out).toMatch(/^RTO achieved: \d+\.\d s of 4h promised for critical: kept$/m);
  expect(out).toMatch(/^checks: \d+ passed, 0 failed$/m);
  expect(exit).toBe(0);
  expect(readdirSync(path.join(scratch, 'test-restore'))).toEqual([]);

  const verified = await runHere(host, [
    'verify',
    '--quick',
    '--task',
    task,
    '--record-key',
    path.join(root, 'key.pem'),
  ]);
  expect([verified.exit, verified.stdout]).toEqual([EXIT.success, expect.stringContaining('drill')]);
});

test('without a folder and a key it works in one of its own, and says that nothing is signed', async () => {
  const { exit, out } = await drill();
  expect([exit, out.split('\n')[0]]).toEqual([0, expect.stringContaining('drill of "shop" passed')]);
});

test('a place that the data set does not have is no drill', async () => {
  expect(await drill('--store', 'nowhere')).toMatchObject({ exit: 2, out: '' });
});
