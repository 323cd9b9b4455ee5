import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupType, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { Machine } from '../../../lib/runner/machine';
import { startAzureStore, startGcsStore, startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { fileTask, makeSource, slotAt } from './file-task';
import { expectSameFiles, restoreFiles } from './plain-restore';
import { bundleRunner, listed, runHere, startRunner, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { backupsOn, chainOn, cloudShelf, folderShelf } from './shelf';
import type { Shelf } from './shelf';

/** The table of faults: buckets, rights, files, runs side by side, nights without a store, and a store's own limits. */

jest.setTimeout(60_000);

const BUCKET = 'runs';
let stores: readonly CloudStore[];
let folder: string;

beforeAll(async () => {
  stores = await Promise.all([startS3Store(), startAzureStore(), startGcsStore()]);
  for (const store of stores) await store.makeBucket(BUCKET);
}, 120_000);

afterAll(async () => {
  for (const store of stores) await store.stop();
});

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-fault-runs-'));
});

afterEach(() => {
  for (const store of stores) store.proxy.heal();
  rmSync(folder, { recursive: true, force: true });
});

const storeOf = (id: CloudStore['id']) => stores.find((one) => one.id === id) as CloudStore;

interface Asked {
  readonly bucket?: string;
  readonly local?: boolean;
  readonly sourceBytes?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Files of a test's own, in a store and in a folder. */
function docs(store: CloudStore, { bucket = BUCKET, local = true, sourceBytes = 0, environment = {} }: Asked = {}) {
  const source = makeSource(path.join(folder, 'source'), sourceBytes);
  const copies = path.join(folder, 'copies');
  const prefix = `${path.basename(folder)}/`;
  const host: Host = {
    folder,
    state: path.join(folder, 'state'),
    environment: { ...store.environment, ...environment },
  };
  const changes: Partial<TaskManifest> = {
    stores: [store.target(bucket, prefix)],
    local: local ? { id: 'local', from: [], path: copies } : null,
  };
  const task = writeTask(host, fileTask('docs', source, changes));
  const argv = (type: BackupType, day: number) => ['backup', '--task', task, '--type', type, '--slot', slotAt(day)];
  return {
    source,
    host,
    task,
    argv,
    cloud: cloudShelf(store, bucket, prefix),
    copies: folderShelf(copies),
    run: (type: BackupType, day: number, limits: Machine['storeLimits'] = {}): Promise<Ran> =>
      runHere(host, argv(type, day), { storeLimits: limits }),
    call: (...command: string[]) => runHere(host, [...command, '--task', task]),
    list: async () => (await listed(host, task)).map((one) => `${one.store} ${one.slot} ${one.chain}`),
    expectRestored: async (shelf: Shelf, slot?: string) => {
      const restored = path.join(folder, 'restored');
      expectSameFiles(source, await restoreFiles(shelf, await chainOn(shelf, slot), restored, source));
    },
  };
}

type Docs = ReturnType<typeof docs>;

/** The store is out, by name and with what to do; the folder beside it has its copy. */
async function expectLeftOut(set: Docs, ran: Ran, id: string, cause: RegExp, advice: RegExp): Promise<void> {
  expect(ran.exit).toBe(EXIT.degraded);
  expect(ran.stderr).toMatch(new RegExp(`^not stored in ${id} \\(`));
  expect(ran.stderr).toMatch(cause);
  expect(ran.stderr).toMatch(advice);
  const [published] = await backupsOn(set.copies);
  expect(published?.manifest.dropped.map((one) => one.store)).toEqual([id]);
  await set.expectRestored(set.copies);
}

describe.each(['s3', 'azure', 'gcs'] as const)('%s', (id) => {
  test('a missing bucket: left out and named; without another place somebody has to make it', async () => {
    const store = storeOf(id);
    const set = docs(store, { bucket: 'never-made' });
    const ran = await set.run('full', 0);
    await expectLeftOut(set, ran, id, /NoSuchBucket|ContainerNotFound|404/, /check that it is there/);

    const alone = docs(store, { bucket: 'never-made', local: false });
    const second = await alone.run('full', 1);
    expect([second.exit, second.stderr]).toEqual([EXIT.permanent, expect.stringMatching(/check that it is there/)]);
  });
});

const WRONG_KEYS: readonly [CloudStore['id'], Record<string, string>][] = [
  ['s3', { AWS_SECRET_ACCESS_KEY: 'canary-of-a-secret' }],
  [
    'azure',
    {
      AZURE_STORAGE_CONNECTION_STRING: `DefaultEndpointsProtocol=http;AccountName=hypdrtest;AccountKey=${Buffer.from('canary-of-a-secret').toString('base64')};BlobEndpoint=`,
    },
  ],
];

test.each(WRONG_KEYS)("a wrong key of %s: left out and named, and the key isn't", async (id, keys) => {
  const store = storeOf(id);
  const endpoint = /BlobEndpoint=[^;]*;/.exec(store.environment.AZURE_STORAGE_CONNECTION_STRING ?? '')?.[0] ?? '';
  const environment = Object.fromEntries(
    Object.entries(keys).map(([name, value]) => [name, value.replace(/BlobEndpoint=$/, endpoint)]),
  );
  const set = docs(store, { environment });
  const ran = await set.run('full', 0);
  await expectLeftOut(
    set,
    ran,
    id,
    /SignatureDoesNotMatch|AuthenticationFailed|AuthorizationFailure/,
    /check the credentials/,
  );
  const said = JSON.stringify(ran);
  for (const value of Object.values(environment)) expect(said).not.toContain(value);
  expect(said).not.toContain('canary-of-a-secret');
});

/**
 * The servers here don't know whose a bucket is: the proxy answers as S3 does to a request that expects another owner,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 */
describe("someone else's bucket", () => {
  const OWNER = '111122223333';
  const expectsOther = (owner: string) => (request: { headers: Record<string, unknown> }) =>
    request.headers['x-amz-expected-bucket-owner'] !== owner;
  const denied = {
    kind: 'answer',
    status: 403,
    headers: { 'content-type': 'application/xml' },
    body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
  } as const;

  test('no request for it is answered, so nothing is written there', async () => {
    const { proxy } = storeOf('s3');
    const set = docs(storeOf('s3'), { environment: { HYPDR_BUCKET_OWNER: OWNER } });
    proxy.forget();
    proxy.inject({ when: expectsOther('999988887777'), fault: denied, times: Infinity });
    const ran = await set.run('full', 0);
    proxy.heal();
    await expectLeftOut(set, ran, 's3', /AccessDenied/, /whose it is/);
    expect(proxy.requests.every((one) => one.status === 403)).toBe(true);
    expect(await set.cloud.keys()).toEqual([]);
  });

  test("every request for one's own says whose it expects, parts and manifests too", async () => {
    const { proxy, requests } = storeOf('s3');
    const set = docs(storeOf('s3'), { environment: { HYPDR_BUCKET_OWNER: OWNER }, sourceBytes: 11 * 1024 * 1024 });
    proxy.forget();
    proxy.inject({ when: expectsOther(OWNER), fault: denied, times: Infinity });
    expect(await set.run('full', 0, { partBytes: 5 * 1024 * 1024 })).toMatchObject({ exit: EXIT.success, stderr: '' });
    expect((await set.call('verify', '--quick')).exit).toBe(EXIT.success);
    for (const kind of ['piece', 'complete', 'manifest', 'list'] as const)
      expect([kind, proxy.requests.some((one) => requests[kind](one))]).toEqual([kind, true]);
    await set.expectRestored(set.cloud);
  });
});

test('one unreadable file: published with its name, never the newest good one, and whole when it can be read', async () => {
  const store = storeOf('s3');
  const set = docs(store);
  // root reads everything: the program runs as somebody else.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
  const program = bundleRunner(folder);
  for (const name of ['state', 'copies']) mkdirSync(path.join(folder, name), { recursive: true });
  chmodSync(folder, 0o755);
  if (nobody) for (const name of ['state', 'copies']) chownSync(path.join(folder, name), nobody.uid, nobody.gid);
  const backup = (day: number) => startRunner(program, set.host, set.argv('full', day), { user: nobody }).ended;
  const closed = path.join(set.source, 'closed');
  writeFileSync(closed, 'readable at first');
  expect((await backup(0)).exit).toBe(EXIT.success);

  chmodSync(closed, 0);
  const degraded = await backup(1);
  expect(degraded.exit).toBe(EXIT.degraded);
  expect(degraded.stderr).toContain(`not as it should be: ${closed} (Cannot open: Permission denied)`);
  for (const shelf of [set.cloud, set.copies]) {
    const [good, worse] = await backupsOn(shelf);
    expect([good?.manifest.degraded, worse?.manifest.degraded]).toEqual([
      [],
      [{ name: closed, why: expect.stringContaining('Permission denied') }],
    ]);
  }
  expect((await listed(set.host, set.task)).map(({ slot, degraded: count }) => [slot, count])).toEqual([
    [slotAt(0), 0],
    [slotAt(1), 1],
    [slotAt(0), 0],
    [slotAt(1), 1],
  ]);
  // When all is over, the one that stays is the good one.
  expect((await set.call('verify', '--quick')).exit).toBe(EXIT.success);
  const later = { now: () => new Date('2028-01-01T00:00:00Z') };
  const pruned = await runHere(set.host, ['prune', '--dry-run', '--task', set.task], later);
  const newest = pruned.stdout.split('\n').filter((line) => line.includes('belongs to the newest chain'));
  expect(newest).toHaveLength(2);
  for (const line of newest) expect(line).toContain(`${slotAt(0)}-full.manifest.json`);

  chmodSync(closed, 0o644);
  expect((await backup(2)).exit).toBe(EXIT.success);
  await set.expectRestored(set.cloud);
  await set.expectRestored(set.copies);
});

test('a second run while one runs ends at once, and the first one is whole', async () => {
  const { proxy, requests } = storeOf('s3');
  const set = docs(storeOf('s3'), { sourceBytes: 11 * 1024 * 1024 });
  let goOn: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (goOn = resolve));
  const held = new Promise<void>((resolve) => {
    const when = (request: Parameters<typeof requests.piece>[0]) => requests.piece(request) && (resolve(), true);
    proxy.inject({ when, fault: { kind: 'hold', until } });
  });
  const first = set.run('full', 0);
  await held;
  expect(await set.run('full', 1)).toMatchObject({
    exit: EXIT.overlap,
    stderr: "another run of docs holds the source's lock\n",
  });
  expect([await backupsOn(set.cloud), await backupsOn(set.copies)]).toEqual([[], []]);
  goOn();
  expect(await first).toMatchObject({ exit: EXIT.success, stderr: '' });
  await set.expectRestored(set.cloud);
  await set.expectRestored(set.copies);
});

test('a store is down for a night: left out and named, its hole said, and closed by the next full', async () => {
  const store = storeOf('s3');
  const set = docs(store);
  expect((await set.run('full', 0)).exit).toBe(EXIT.success);
  await store.kill();
  writeFileSync(path.join(set.source, 'night'), 'night');
  await expectLeftOutOfIncrement(set, await set.run('incremental', 1));
  await store.restart();

  writeFileSync(path.join(set.source, 'morning'), 'morning');
  const morning = await set.run('incremental', 2);
  expect([morning.exit, morning.stderr]).toEqual([EXIT.success, '']);
  expect(morning.events).toContainEqual(expect.objectContaining({ level: 'warning', event: 'chain_hole' }));
  expect(await set.list()).toEqual([
    `s3 ${slotAt(0)} complete`,
    `s3 ${slotAt(2)} broken`,
    ...[0, 1, 2].map((day) => `local ${slotAt(day)} complete`),
  ]);
  expect(await set.call('verify', '--quick')).toMatchObject({
    exit: EXIT.degraded,
    stdout: expect.stringMatching(new RegExp(`without it ${slotAt(2)}-incremental can't be restored from here`)),
  });
  await set.expectRestored(set.copies);

  // Said each time until it is closed: what this one follows is there, and what that follows is not.
  const later = await set.run('incremental', 3);
  expect(later.events).toContainEqual(expect.objectContaining({ level: 'warning', event: 'chain_hole' }));
  expect(await set.list()).toContain(`s3 ${slotAt(3)} broken`);

  expect(await set.run('full', 4)).toMatchObject({ exit: EXIT.success, stderr: '' });
  expect(await set.list()).toContain(`s3 ${slotAt(4)} complete`);
  await set.expectRestored(set.cloud);
});

async function expectLeftOutOfIncrement(set: Docs, ran: Ran): Promise<void> {
  expect([ran.exit, ran.stderr]).toEqual([EXIT.degraded, expect.stringMatching(/^not stored in s3 \(.*\)\n$/)]);
  const published = (await backupsOn(set.copies)).at(-1)?.manifest;
  expect(published).toMatchObject({ type: 'incremental', dropped: [{ store: 's3', why: expect.any(String) }] });
  await set.expectRestored(set.copies);
}

test('a part limit of 10: a dump that needs more becomes several objects of ten parts', async () => {
  const store = storeOf('azure');
  const set = docs(store, { sourceBytes: 2 * 1024 * 1024 });
  store.proxy.forget();
  // Parts double, so that ten carry a thousand first ones.
  const limits = { maxParts: 10, partBytes: 1000 };
  expect(await set.run('full', 0, limits)).toMatchObject({ exit: EXIT.success, stderr: '' });
  const [published] = await backupsOn(set.cloud);
  const segments = published?.manifest.streams[0]?.encodings[0]?.segments ?? [];
  expect(segments.slice(0, -1).map(({ bytes }) => bytes)).toEqual([1_023_000, 1_023_000]);
  expect(segments).toHaveLength(3);
  const blocks = new Map<string, number>();
  for (const request of store.proxy.requests.filter((one) => store.requests.piece(one)))
    blocks.set(request.path, (blocks.get(request.path) ?? 0) + 1);
  expect([...blocks.values()].slice(0, 2)).toEqual([10, 10]);
  expect((await set.call('verify', '--quick')).exit).toBe(EXIT.success);
  await set.expectRestored(set.cloud);
  await set.expectRestored(set.copies);
});
