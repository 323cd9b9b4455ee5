import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import type { TaskCopy, TaskManifest, TaskStore } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { chainOf, sortHistory } from '../../../lib/runner/chain';
import { readLedger } from '../../../lib/runner/history';
import { readAll } from '../../../lib/runner/manifest';
import { placedBy } from '../../../lib/runner/placement';
import { openLocal, openStore } from '../../../lib/runner/store/open';
import { readBack } from '../../../lib/runner/stream/read-back';
import { startAzurite } from '../../servers/azurite';
import type { AzuriteServer } from '../../servers/azurite';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { FakeGcsServer } from '../../servers/fake-gcs';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { systemProgram } from '../../servers/programs';
import { createBucket, s3Client } from '../../servers/s3';
import { testMachine, testTask } from './engine-machine';
import { fileTask, makeSource, slotAt } from './file-task';
import { expectSameFiles } from './plain-restore';
import { bundleRunner, listed, runHere, startRunner, writeTask } from './program-run';
import type { Host } from './program-run';

/** Copies between real stores: a night without one of them, three clouds in a row, crashes, damage, and a full folder. */

let minio: MinioServer;
let azurite: AzuriteServer;
let gcs: FakeGcsServer;
let postgres: PostgresServer;
let folder: string;
let host: Host;

const SEED = Number(process.env.HYPDR_SEED ?? Date.now() % 1_000_000);

beforeAll(async () => {
  [minio, azurite, gcs, postgres] = await Promise.all([startMinio(), startAzurite(), startFakeGcs(), startPostgres()]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-copies-'));
  const state = path.join(folder, 'state');
  mkdirSync(state);
  const environment = {
    ...minio.environment,
    ...azurite.environment,
    ...gcs.environment,
    ...postgres.environment,
  };
  host = { folder, state, environment };
}, 180_000);

afterAll(async () => {
  await Promise.all([minio.stop(), azurite.stop(), gcs.stop(), postgres.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** A bucket or container of its own for each test, in each cloud. */
async function placesFor(name: string) {
  await createBucket(minio, name, 'locked');
  await BlobServiceClient.fromConnectionString(azurite.connectionString()).createContainer(name);
  await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' }).createBucket(name);
  const place = { id: 'place', from: [], bucket: name, path: `data/${name}/` };
  return {
    s3: { ...place, store: 's3', cloud: 'aws', region: 'us-east-1' } satisfies TaskStore,
    blob: {
      ...place,
      store: 'blob',
      cloud: 'azure',
      region: 'westeurope',
      account: azurite.account,
    } satisfies TaskStore,
    gcs: { ...place, store: 'gcs', cloud: 'google', region: 'europe-west3' } satisfies TaskStore,
  };
}

const from = (source: string, store: TaskStore): TaskCopy => ({ ...store, source });

/** A day of the tests' calendar, as the runner's clock. */
const at = (day: number) => ({ now: () => new Date(Date.UTC(2027, 0, 1, 3) + day * 86_400_000) });

const call = (day: number, task: string, command: string, ...more: string[]) =>
  runHere(host, [command, '--task', task, ...more], at(day));

const backup = (day: number, task: string, type: string) =>
  call(day, task, 'backup', '--type', type, '--slot', slotAt(day));

/** What the ledger of a store says that it holds, unpacked by our own reader; the newest with its chain. */
async function streamsFrom(task: TaskManifest, id: string) {
  const machine = testMachine({ ...host.environment });
  const target = [...task.stores, ...task.copies].find((one) => one.store === id);
  const store = target ? await openStore(target, machine) : await openLocal(task.local?.path ?? '', machine);
  try {
    const { entries } = await readLedger({ store, path: target?.path ?? '' }, task.name);
    const history = sortHistory(entries);
    const last = history.at(-1);
    const chain = last && chainOf(history, last);
    if (!chain) throw new Error(`${id} has no complete chain`);
    const streams: { readonly name: string; readonly bytes: Buffer }[] = [];
    for (const member of chain.members) {
      const entry = entries.find((one) => one.sha256 === member.sha256)?.entry;
      if (!entry) throw new Error('no entry');
      for (const stream of member.manifest.streams) {
        const options = { folder: 'nowhere', placed: placedBy(entry), machine };
        streams.push({ name: stream.name, bytes: await readAll(readBack(stream, store, options)) });
      }
    }
    return streams;
  } finally {
    await store.close();
  }
}

async function expectRestored(task: TaskManifest, id: string, source: string): Promise<void> {
  const into = path.join(folder, `restored-${task.name}-${id}`);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into);
  for (const { bytes } of await streamsFrom(task, id)) {
    const args = ['--extract', '--listed-incremental=/dev/null', '-C', into, '-f', '-'];
    execFileSync('tar', args, { input: bytes, stdio: ['pipe', 'ignore', 'pipe'] });
  }
  expectSameFiles(source, path.join(into, source));
}

async function writesIn(bucket: string): Promise<readonly { readonly key: string; readonly version: string }[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3Client(minio).send(
    new ListObjectVersionsCommand({ Bucket: bucket }),
  );
  return [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId = '' }) => ({ key: Key, version: VersionId }));
}

test('a store that was down for a night is filled, verified, and restores what the source holds, bit for bit', async () => {
  const places = await placesFor('night');
  const source = makeSource(path.join(folder, 'night-source'), 200_000);
  const base = fileTask('night', source, { stores: [places.s3, places.blob] });
  const asked: TaskManifest = { ...base, runs: base.runs.map((run) => ({ ...run, lockDays: 30 })) };
  const task = writeTask(host, asked);
  expect((await backup(0, task, 'full')).exit).toBe(EXIT.success);

  await minio.kill();
  writeFileSync(path.join(source, 'of the night'), 'written while one store was down');
  rmSync(path.join(source, 'deep/er/.hidden'));
  const night = await backup(1, task, 'incremental');
  expect([night.exit, night.stderr]).toEqual([EXIT.degraded, expect.stringContaining('s3')]);
  await minio.restart();

  writeFileSync(path.join(source, 'after it'), 'and this one after it');
  const morning = await backup(2, task, 'incremental');
  expect(morning.events.map((one) => one.event)).toContain('chain_hole');
  const holes = await call(2, task, 'verify', '--quick');
  expect([holes.exit, holes.stdout]).toEqual([EXIT.degraded, expect.stringContaining("can't be restored from here")]);
  const before = await listed(host, task);
  expect(before.filter((one) => one.chain === 'broken').map((one) => [one.store, one.slot])).toEqual([
    ['s3', slotAt(2)],
  ]);

  const copied = await call(2, task, 'copy');
  expect([copied.exit, copied.stdout]).toEqual([EXIT.success, `copied      s3  ${slotAt(1)}-incremental: from blob\n`]);
  expect((await call(2, task, 'verify', '--quick')).exit).toBe(EXIT.success);
  expect((await listed(host, task)).filter((one) => one.chain === 'broken' || one.state === 'stored')).toEqual([]);
  for (const id of ['s3', 'blob']) await expectRestored(asked, id, source);

  // Locked as long as the run asked, in the store that locks.
  const machine = testMachine({ ...host.environment });
  const store = await openStore(places.s3, machine);
  for await (const { key } of store.list(`data/night/${slotAt(1)}`)) {
    expect((await store.head(key))?.retainUntil).toEqual(new Date(Date.UTC(2027, 0, 2, 2) + 30 * 86_400_000));
  }
  await store.close();
  expect((await call(3, task, 'copy')).stdout).toBe('nothing is lacking anywhere\n');
}, 300_000);

test('a database goes from MinIO to azurite and on to fake-gcs while MinIO is down, and is restored from there', async () => {
  const places = await placesFor('bank');
  await postgres.sql('CREATE DATABASE bank');
  await postgres.sql(readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8'), 'bank');
  const asked = testTask({
    name: 'bank',
    source: { kind: 'database', database: 'bank', secret: 's', environment: [] },
    runs: fileTask('bank', '', {}).runs.filter((one) => one.type === 'full'),
    stores: [places.s3],
    copies: [from('s3', places.blob), from('blob', places.gcs)],
  });
  const task = writeTask(host, asked);
  expect((await backup(0, task, 'full')).exit).toBe(EXIT.success);
  expect((await call(0, task, 'verify', '--quick')).exit).toBe(EXIT.success);
  const first = await call(0, task, 'copy', '--store', 'blob');
  expect([first.exit, first.stdout]).toEqual([EXIT.success, `copied      blob  ${slotAt(0)}-full: from s3\n`]);
  expect((await call(0, task, 'verify', '--quick', '--store', 'blob')).stdout).toContain('1 newly verified');

  await minio.kill();
  const second = await call(0, task, 'copy', '--store', 'gcs');
  await minio.restart();
  expect([second.exit, second.stdout]).toEqual([EXIT.success, `copied      gcs  ${slotAt(0)}-full: from blob\n`]);
  expect((await call(0, task, 'verify', '--quick', '--store', 'gcs')).exit).toBe(EXIT.success);
  const sizes = new Map((await listed(host, task)).map((one) => [one.store, one.bytes]));
  expect(sizes.size).toBe(3);
  expect(new Set(sizes.values()).size).toBe(1);

  const [dump] = (await streamsFrom(asked, 'gcs')).filter((one) => one.name !== 'globals');
  await postgres.sql('CREATE DATABASE bank_again');
  const { status, stderr } = spawnSync(
    systemProgram('pg_restore'),
    ['--exit-on-error', '--no-owner', '-d', 'bank_again'],
    { input: dump?.bytes, env: { PATH: process.env.PATH, ...postgres.environment }, encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  const all = `SELECT string_agg(md5(query_to_xml(format('SELECT * FROM %I.%I x ORDER BY x::text', schemaname, tablename), true, false, '')::text), ' ' ORDER BY schemaname, tablename)
    FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`;
  const rows = await postgres.sql(all, 'bank');
  expect(rows.trim().length).toBeGreaterThan(32);
  expect(await postgres.sql(all, 'bank_again')).toBe(rows);
}, 300_000);

test('an object that was changed in its source is refused, taken from another store, and told', async () => {
  const places = await placesFor('damage');
  const source = makeSource(path.join(folder, 'damage-source'), 100_000);
  const asked = fileTask('damage', source, {
    stores: [places.blob, places.s3],
    copies: [from('blob', places.gcs)],
  });
  const task = writeTask(host, asked);
  await backup(0, task, 'full');
  await call(0, task, 'verify', '--quick');

  // The same size: HEAD sees nothing, and azurite keeps no versions.
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString()).getContainerClient('damage');
  const key = await (async () => {
    for await (const { name } of container.listBlobsFlat({ prefix: 'data/' })) if (name.endsWith('.0001')) return name;
    throw new Error('no data');
  })();
  const bytes = await container.getBlobClient(key).downloadToBuffer();
  bytes[bytes.length >> 1]! ^= 1;
  await container.getBlockBlobClient(key).upload(bytes, bytes.length);

  const { exit, stdout } = await call(0, task, 'copy', '--store', 'gcs');
  expect(exit).toBe(EXIT.damaged);
  expect(stdout).toContain(`damaged     blob  ${slotAt(0)}-full: what was verified there is not what it was`);
  expect(stdout).toContain(`copied      gcs  ${slotAt(0)}-full: from s3`);
  expect((await call(0, task, 'verify', '--quick', '--store', 'gcs')).exit).toBe(EXIT.success);
  await expectRestored(asked, 'gcs', source);
}, 300_000);

/** A small generator with a printed seed: the same crashes again with HYPDR_SEED. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`copies that are killed at random moments, and the next one, leave each store whole (HYPDR_SEED=${SEED})`, async () => {
  const places = await placesFor('killed');
  const next = random(SEED);
  const source = makeSource(path.join(folder, 'killed-source'), 20_000_000);
  const asked = fileTask('killed', source, {
    stores: [places.blob],
    copies: [from('blob', places.s3), from('blob', places.gcs)],
  });
  const task = writeTask(host, asked);
  const program = bundleRunner(folder);
  await backup(0, task, 'full');
  await call(0, task, 'verify', '--quick', '--store', 'blob');
  let started = performance.now();
  const first = await startRunner(program, host, ['copy', '--task', task]).ended;
  expect([first.exit, first.stdout.match(/^copied/gm)?.length]).toEqual([EXIT.success, 2]);
  let usual = performance.now() - started;
  let killed = 0;
  let days = 0;
  // Twelve days, and more where the machine's pace changes so that most copies end before they are killed.
  for (let day = 1; day <= 12 || (killed < 4 && day <= 36); day += 1) {
    days = day;
    makeSource(source, Math.floor(12_000_000 * next()));
    writeFileSync(path.join(source, `day-${day}`), `${day}`);
    await backup(day, task, 'incremental');
    await call(day, task, 'verify', '--quick', '--store', 'blob');
    started = performance.now();
    const copy = startRunner(program, host, ['copy', '--task', task]);
    const timer = setTimeout(() => copy.child.kill('SIGKILL'), usual * (0.4 + next() * 0.7));
    if ((await copy.ended).exit === null) killed += 1;
    else usual = performance.now() - started;
    clearTimeout(timer);
    // Whatever has a manifest there is whole.
    for (const store of ['s3', 'gcs']) {
      if (day % 4 === 0) expect((await call(day, task, 'verify', '--quick', '--store', store)).exit).toBe(EXIT.success);
    }
  }
  expect(killed).toBeGreaterThanOrEqual(4);
  const last = await call(days, task, 'copy');
  expect([last.exit, last.stderr]).toEqual([EXIT.success, '']);
  expect((await call(days, task, 'verify', '--quick')).exit).toBe(EXIT.success);
  for (const id of ['s3', 'gcs']) await expectRestored(asked, id, source);
  const writes = (await writesIn('killed')).map((one) => one.key);
  expect(new Set(writes).size).toBe(writes.length);
}, 600_000);

test('a folder over its max_size keeps what a store lacks, until the copy has brought it there', async () => {
  const places = await placesFor('bounded');
  const source = makeSource(path.join(folder, 'bounded-source'), 300_000);
  const local = { id: 'l', from: [], path: path.join(folder, 'bounded-local'), maxBytes: 400_000 };
  const asked = fileTask('bounded', source, { stores: [places.s3], local });
  const task = writeTask(host, asked);
  await minio.kill();
  expect((await backup(0, task, 'full')).exit).toBe(EXIT.degraded);
  await minio.restart();
  expect((await backup(1, task, 'full')).exit).toBe(EXIT.success);
  await call(1, task, 'verify', '--quick');
  const kept = await call(1, task, 'prune', '--store', 'local');
  expect([kept.exit, kept.stdout]).toEqual([EXIT.degraded, expect.stringContaining('not verified in s3')]);
  expect(kept.stdout).not.toContain('removed');

  expect((await call(1, task, 'copy')).stdout).toBe(`copied      s3  ${slotAt(0)}-full: from local\n`);
  expect((await call(1, task, 'prune', '--store', 'local')).exit).toBe(EXIT.degraded);
  expect((await call(1, task, 'verify', '--quick')).exit).toBe(EXIT.success);
  const pruned = await call(1, task, 'prune', '--store', 'local');
  expect([pruned.exit, pruned.stdout]).toEqual([
    EXIT.success,
    expect.stringContaining(`removed       local  ${slotAt(0)}`),
  ]);
  await minio.kill();
  const blind = await call(1, task, 'prune', '--store', 'local');
  await minio.restart();
  expect(blind.exit).toBe(EXIT.success);
  for (const id of ['s3', 'local']) await expectRestored(asked, id, source);
}, 300_000);
