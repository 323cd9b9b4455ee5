import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupType, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startVersityStore } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { startPostgres } from '../../servers/postgres';
import { startSmallDisk } from '../../servers/small-disk';
import type { SmallDisk } from '../../servers/small-disk';
import { databaseTask } from './database-task';
import { fileTask, makeSource, slotAt } from './file-task';
import { expectSameFiles, restoreFiles } from './plain-restore';
import { bundleRunner, listed, runHere, startRunner, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { backupsOn, chainOn, cloudShelf, folderShelf } from './shelf';
import type { Shelf } from './shelf';

/** The table of faults, its disks: a file system that really is full. */

const MIB = 1024 * 1024;
const BUCKET = 'disks';

let store: CloudStore;
let folder: string;
let disk: SmallDisk;

beforeAll(async () => {
  store = await startVersityStore();
  await store.makeBucket(BUCKET);
}, 120_000);

afterAll(() => store.stop());

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-full-'));
  disk = startSmallDisk(8 * MIB);
});

afterEach(() => {
  disk.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Places {
  readonly state?: string;
  readonly local?: string;
  readonly cloud?: boolean;
  readonly sourceBytes?: number;
}

/** Files of a test's own, with what it puts on the small disk. */
function docs({ state = path.join(folder, 'state'), local, cloud = true, sourceBytes = 0 }: Places) {
  const source = makeSource(path.join(folder, 'source'), sourceBytes);
  const prefix = `${path.basename(folder)}/`;
  const host: Host = { folder, state, environment: store.environment };
  const changes: Partial<TaskManifest> = {
    stores: cloud ? [store.target(BUCKET, prefix)] : [],
    local: local === undefined ? null : { id: 'local', from: [], path: local },
  };
  const task = writeTask(host, fileTask('docs', source, changes));
  const argv = (type: BackupType, day: number) => ['backup', '--task', task, '--type', type, '--slot', slotAt(day)];
  return {
    host,
    argv,
    source,
    shelf: cloudShelf(store, BUCKET, prefix),
    run: (type: BackupType, day: number): Promise<Ran> => runHere(host, argv(type, day)),
    list: async () => (await listed(host, task)).map((one) => `${one.store} ${one.slot} ${one.chain}`),
    verify: () => runHere(host, ['verify', '--quick', '--task', task]),
    expectRestored: async (shelf: Shelf) => {
      const restored = path.join(folder, 'restored');
      expectSameFiles(source, await restoreFiles(shelf, await chainOn(shelf), restored, source));
    },
  };
}

test("the local copy's disk is full: it is left out and named, leaves nothing behind, and is whole the next time", async () => {
  const local = path.join(disk.path, 'copies');
  const set = docs({ local, sourceBytes: 5 * MIB });
  disk.fill(3 * MIB);
  const ran = await set.run('full', 0);
  expect([ran.exit, ran.stderr]).toEqual([
    EXIT.degraded,
    expect.stringMatching(/^not stored in local \(.*the disk is full \(ENOSPC\)\)\n$/),
  ]);
  expect(await set.list()).toEqual([`s3 ${slotAt(0)} complete`]);
  expect(readdirSync(local).filter((name) => name !== '.hypdr-folder')).toEqual([]);
  expect((await set.verify()).exit).toBe(EXIT.success);
  await set.expectRestored(set.shelf);
  const [published] = await backupsOn(set.shelf);
  expect(published?.manifest.dropped).toEqual([{ store: 'local', why: expect.stringContaining('ENOSPC') }]);

  disk.free();
  expect(await set.run('full', 1)).toMatchObject({ exit: EXIT.success, stderr: '' });
  await set.expectRestored(folderShelf(local));
}, 60_000);

test('the only place is a full disk: somebody has to make room, and nothing is published', async () => {
  const local = path.join(disk.path, 'copies');
  const set = docs({ local, cloud: false, sourceBytes: 5 * MIB });
  disk.fill(3 * MIB);
  const ran = await set.run('full', 0);
  expect([ran.exit, ran.stderr]).toEqual([EXIT.permanent, expect.stringContaining('the disk is full (ENOSPC)')]);
  expect(await set.list()).toEqual([]);
  disk.free();
  expect(await set.run('full', 1)).toMatchObject({ exit: EXIT.success, stderr: '' });
  await set.expectRestored(folderShelf(local));
}, 60_000);

test("the state's disk is full before a run: it says so and publishes nothing, and the next increment is whole", async () => {
  const set = docs({ state: path.join(disk.path, 'state') });
  expect((await set.run('full', 0)).exit).toBe(EXIT.success);
  writeFileSync(path.join(set.source, 'new'), 'new');
  disk.fill();
  const ran = await set.run('incremental', 1);
  expect([EXIT.retry, EXIT.permanent]).toContain(ran.exit);
  expect(ran.stderr).toMatch(/No space left|disk is full|ENOSPC/);
  expect(ran.stderr).toMatch(/make room/);
  expect(await set.list()).toEqual([`s3 ${slotAt(0)} complete`]);
  disk.free();
  expect(await set.run('incremental', 2)).toMatchObject({ exit: EXIT.success, stderr: '' });
  expect(await set.list()).toEqual([`s3 ${slotAt(0)} complete`, `s3 ${slotAt(2)} complete`]);
  await set.expectRestored(set.shelf);
}, 60_000);

test.each([4096, 8192, 12_288, 16_384, 24_576])(
  "the state's disk has room for %i bytes: whatever became of the run, the next increment is whole",
  async (room) => {
    const set = docs({ state: path.join(disk.path, 'state') });
    expect((await set.run('full', 0)).exit).toBe(EXIT.success);
    for (let n = 0; n < 40; n += 1) writeFileSync(path.join(set.source, `${'long-'.repeat(20)}${n}`), 'new');
    disk.fill(room);
    const ran = await set.run('incremental', 1);
    expect(ran.exit).not.toBe(EXIT.bug);
    const publishes = (await set.list()).length === 2;
    expect([EXIT.success, EXIT.degraded].includes(ran.exit as never)).toBe(publishes);
    disk.free();
    writeFileSync(path.join(set.source, 'newer'), 'newer');
    const next = await set.run('incremental', 2);
    expect([next.exit, next.stderr]).toEqual([EXIT.success, '']);
    await set.expectRestored(set.shelf);
  },
  60_000,
);

test("a dump's scratch is full: the run says what to do and publishes nothing", async () => {
  const postgres = await startPostgres();
  try {
    await postgres.sql('CREATE DATABASE shop');
    await postgres.sql(
      `CREATE TABLE items AS SELECT id, gen_random_uuid() a, gen_random_uuid() b FROM generate_series(1, 100000) id`,
      'shop',
    );
    const environment = { ...store.environment, ...postgres.environment };
    const host: Host = { folder, state: path.join(disk.path, 'state'), environment };
    const prefix = `${path.basename(folder)}/`;
    const options = { format: 'directory', compression: 0 };
    const task = writeTask(
      host,
      databaseTask('postgresql', 'shop', { stores: [store.target(BUCKET, prefix)], options }),
    );
    const run = (day: number) => runHere(host, ['backup', '--task', task, '--slot', slotAt(day)]);
    disk.fill(2 * MIB);
    const ran = await run(0);
    expect([ran.exit, ran.stderr]).toEqual([EXIT.retry, expect.stringContaining('No space left on device')]);
    expect(ran.stderr).toContain('make room in the folder for scratch files');
    expect(await listed(host, task)).toEqual([]);
    expect(existsSync(path.join(host.state, 'scratch/shop'))).toBe(false);
  } finally {
    await postgres.stop();
  }
}, 120_000);

test('metrics have no room: the backup is what it is, and the run says that nobody heard of it', async () => {
  const set = docs({});
  disk.fill();
  const file = path.join(disk.path, 'backup.prom');
  const ran = await runHere(set.host, [...set.argv('full', 0), '--metrics', `prometheus:${file}`]);
  expect(ran.exit).toBe(EXIT.success);
  expect(ran.events).toContainEqual(expect.objectContaining({ level: 'warning', event: 'metrics_lost' }));
  expect(await set.list()).toEqual([`s3 ${slotAt(0)} complete`]);
}, 60_000);

test('its output is a full disk: the exit code still says what came of the backup', async () => {
  const set = docs({});
  const program = bundleRunner(folder);
  const full = openSync('/dev/full', 'w');
  const { ended } = startRunner(program, set.host, set.argv('full', 0), { stdout: full });
  const { exit, stderr } = await ended;
  closeSync(full);
  expect([exit, stderr]).toEqual([EXIT.success, expect.stringContaining('ENOSPC')]);
  expect(await set.list()).toEqual([`s3 ${slotAt(0)} complete`]);
}, 60_000);
