import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { readAll } from '../../../lib/runner/manifest';
import { dataFolder, runKeys } from '../../../lib/runner/object-key';
import { openLocal, openStore } from '../../../lib/runner/store/open';
import type { Store } from '../../../lib/runner/store/store';
import { readBack } from '../../../lib/runner/stream/read-back';
import { verifyQuick } from '../../../lib/runner/verify';
import { startAzurite } from '../../servers/azurite';
import type { AzuriteServer } from '../../servers/azurite';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { FakeGcsServer } from '../../servers/fake-gcs';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { systemProgram } from '../../servers/programs';
import { createBucket } from '../../servers/s3';
import { testMachine, testTask } from './engine-machine';

/** One run into three clouds' stores and a folder, while money moves between accounts; restored from each of them. */

let postgres: PostgresServer;
let minio: MinioServer;
let azurite: AzuriteServer;
let gcs: FakeGcsServer;
let folder: string;

const AWKWARD = readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8');
const ACCOUNTS = 50;
const SUM = 100 * ACCOUNTS;

beforeAll(async () => {
  [postgres, minio, azurite, gcs] = await Promise.all([startPostgres(), startMinio(), startAzurite(), startFakeGcs()]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-all-'));
  await postgres.sql('CREATE DATABASE bank');
  await postgres.sql(AWKWARD, 'bank');
  await postgres.sql(
    `CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL);
     INSERT INTO account SELECT i, 100 FROM generate_series(1, ${ACCOUNTS}) i`,
    'bank',
  );
  await createBucket(minio, 'bank', 'locked');
  await BlobServiceClient.fromConnectionString(azurite.connectionString()).createContainer('bank');
  await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' }).createBucket('bank');
}, 180_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), minio.stop(), azurite.stop(), gcs.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function bankTask(): TaskManifest {
  const node = { id: 'n', from: [] };
  const store = { ...node, bucket: 'bank', path: 'bank/{year}/' };
  return testTask({
    name: 'bank',
    source: { kind: 'database', database: 'bank', secret: 's', environment: [] },
    options: { exclude_tables: ['temp_*', 'cache_*'] },
    runs: [
      {
        ...node,
        type: 'full',
        for: ['full'],
        cadence: { kind: 'daily' },
        schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
        expectedSeconds: 1800,
        retentionDays: 30,
        lockDays: 30,
        compression: 'zstd',
        encryption: true,
      },
    ],
    local: { ...node, path: path.join(folder, 'local') },
    stores: [
      { ...store, store: 's3', cloud: 'aws', region: 'us-east-1' },
      { ...store, store: 'blob', cloud: 'azure', region: 'westeurope', account: azurite.account },
      { ...store, store: 'gcs', cloud: 'google', region: 'europe-west3' },
    ],
  });
}

/** Transfers until told to stop: each keeps the sum. */
async function transfers(until: { stopped: boolean }): Promise<number> {
  let made = 0;
  while (!until.stopped) {
    const [from, to] = [1 + (made % ACCOUNTS), 1 + ((made * 7 + 3) % ACCOUNTS)];
    await postgres.sql(
      `BEGIN; UPDATE account SET balance = balance - 1 WHERE id = ${from};
       UPDATE account SET balance = balance + 1 WHERE id = ${to}; COMMIT`,
      'bank',
    );
    made += 1;
  }
  return made;
}

async function dumpFrom(store: Store, manifestKey: string, manifest: BackupManifest): Promise<Buffer> {
  const stream = manifest.streams.find((one) => one.database === 'bank');
  if (!stream) throw new Error('no dump of the database');
  return readAll(
    readBack(stream, store, { folder: dataFolder(manifestKey, manifest.attempt), machine: testMachine(environment()) }),
  );
}

const environment = () => ({
  ...postgres.environment,
  ...minio.environment,
  ...azurite.environment,
  ...gcs.environment,
});

test('is stored in all of them, verified, and restored from each with the sum unchanged', async () => {
  const task = bankTask();
  const machine = testMachine(environment(), () => new Date('2027-01-03T02:15:00Z'));
  const moving = { stopped: false };
  const moved = transfers(moving);
  const outcome = await backup(task, {}, machine);
  moving.stopped = true;
  expect(await moved).toBeGreaterThan(0);
  expect([outcome.exit, outcome.why]).toEqual([EXIT.success, undefined]);
  expect([...outcome.stored].sort()).toEqual(['blob', 'gcs', 'local', 's3']);

  const verified = await verifyQuick(task, machine);
  expect(verified.findings).toEqual([]);
  expect(verified.verified.map((one) => one.store).sort()).toEqual(['blob', 'gcs', 'local', 's3']);

  const manifest = outcome.manifest?.manifest;
  if (!manifest) throw new Error('no manifest');
  const stores = [
    ...(await Promise.all(
      task.stores.map(async (target) => ({ store: await openStore(target, machine), path: 'bank/2027/' })),
    )),
    { store: await openLocal(path.join(folder, 'local'), machine), path: '' },
  ];
  for (const [index, { store, path: prefix }] of stores.entries()) {
    const key = runKeys(prefix, manifest.slot, manifest.type, manifest.attempt).manifest;
    const file = path.join(folder, `${store.id}.dump`);
    writeFileSync(file, await dumpFrom(store, key, manifest));
    await postgres.sql(`CREATE DATABASE back${index}`);
    spawnSync(systemProgram('pg_restore'), ['-d', `back${index}`, '--no-owner', file], {
      env: { ...process.env, ...postgres.environment },
    });
    expect(await postgres.sql('SELECT sum(balance), count(*) FROM account', `back${index}`)).toContain(
      `${SUM}|${ACCOUNTS}`,
    );
    await store.close();
  }
  const rows = async (database: string) => postgres.sql('SELECT * FROM account ORDER BY id', database);
  const copies = await Promise.all(stores.map((_, index) => rows(`back${index}`)));
  expect(new Set(copies).size).toBe(1);
}, 300_000);

test('one store that is down is left out and named, and the others hold the backup', async () => {
  await azurite.stop();
  const machine = testMachine(environment(), () => new Date('2027-01-04T02:15:00Z'));
  const outcome = await backup(bankTask(), {}, machine);
  expect(outcome.exit).toBe(EXIT.degraded);
  expect([...outcome.stored].sort()).toEqual(['gcs', 'local', 's3']);
  expect(outcome.why).toContain('blob');
}, 300_000);
