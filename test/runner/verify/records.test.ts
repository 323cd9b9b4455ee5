import type { TaskManifest } from '../../../lib/contract';
import type { RestoreRecord } from '../../../lib/contract/restore-record';
import { linesOf } from '../../../lib/runner/command/verify';
import { EngineError } from '../../../lib/runner/engine/engine';
import { EXIT } from '../../../lib/runner/exit-code';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { writeRecord } from '../../../lib/runner/record/write';
import { slotOf } from '../../../lib/runner/slot';
import { StoreError } from '../../../lib/runner/store/store';
import { verify } from '../../../lib/runner/verify';
import { openRecordKeys } from '../../../lib/runner/verify-records';
import { PATH, machineAt, takeBackup, task as copyTask, worldOf } from '../copy/world';
import { DAY, START } from '../manifests';
import type { MemoryStore } from '../memory-store';
import { makeKeys } from '../record/keys';
import { opened, recordOf } from '../record/records';
import { testMachine } from '../store/store-machine';

/** `verify --record-key`: what it reads of `_records/` beside all else. */

const keys = makeKeys();
afterAll(() => keys.stop());
const task = { ...copyTask, engine: 'files' } as const;
const KEY = keys.ed25519.publicPath;

async function look(
  store: MemoryStore,
  recordKeys: readonly string[] = [KEY],
  day = 9,
  depth: 'quick' | 'full' = 'quick',
  replicas: TaskManifest['replicas'] = undefined,
) {
  const open = () => Promise.resolve({ places: [{ store, path: PATH }], dropped: [], worthRetry: false });
  const outcome = await verify({ ...task, replicas }, machineAt(day), { only: undefined, depth, recordKeys, open });
  const newest = outcome.records?.map((one) => one.newest?.record.startedAt);
  return { ...outcome, newest, kinds: outcome.findings.map(({ kind }) => kind) };
}

const backupOf = ({ sha256, manifest }: StoredManifest): RestoreRecord['backup'] => ({
  slot: manifest.slot,
  type: manifest.type,
  sha256,
  pointInTime: manifest.pointInTime,
  bytes: 3500,
});

/** A record that was written on a day of the world's. */
async function record(store: MemoryStore, day: number, changes: Partial<RestoreRecord>, key = keys.ed25519) {
  const at = new Date(START + day * DAY);
  const made = recordOf({ startedAt: at.toISOString(), store: store.id, ...changes });
  const signer = await opened(key.privatePath);
  return writeRecord(made, { store, slot: slotOf(at), key: signer, machine: testMachine() });
}

const day = (one: number) => new Date(START + one * DAY).toISOString();

async function world() {
  const { a } = worldOf();
  const backup = await takeBackup([a], { day: 1 });
  await look(a, []);
  return { a, backup };
}

test('the newest good record is said of each place, with what was achieved against the promise', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: backupOf(backup) });
  await record(a, 3, {
    backup: backupOf(backup),
    result: 'failed',
    why: 'orders lacks 2 rows',
    rtoAchievedSeconds: 4000,
    rpoAchievedSeconds: 90_000,
    objective: { tier: 'critical', rtoSeconds: 3600, rpoSeconds: 86_400 + 3600 },
  });
  const found = await look(a);
  expect([found.exit, found.findings, found.newest]).toEqual([EXIT.success, [], [day(3)]]);
  expect(linesOf(found)).toContain(
    `a: test-restore of ${day(3)} failed (orders lacks 2 rows), backup ${backup.manifest.slot}-full, ` +
      'RTO 1:06:40 of 1:00:00 promised: MISSED, RPO 25:00:00 of 25:00:00 promised',
  );
});

test('without a key nothing of them is read', async () => {
  const { a } = await world();
  await a.create('_records/test/x', Buffer.from('x'), {});
  const found = await look(a, []);
  expect([found.exit, found.records, found.findings]).toEqual([EXIT.success, undefined, []]);
});

test('a place without any record is said to be without', async () => {
  const { a } = await world();
  const found = await look(a);
  expect([found.exit, found.newest]).toEqual([EXIT.success, [undefined]]);
  expect(linesOf(found)).toContain('a: no restore is on record here');
});

test('a record of a key that nobody named is no damage, and an older good one stays the newest', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: backupOf(backup) });
  const strange = await record(a, 3, { backup: backupOf(backup) }, keys.p256);
  const found = await look(a);
  expect([found.exit, found.kinds, found.newest]).toEqual([EXIT.degraded, ['unknown_key'], [day(2)]]);
  expect(found.findings[0]).toMatchObject({
    store: 'a',
    key: strange,
    message: expect.stringMatching(/not known here/),
  });
});

test('a forged record is damage, and an older good one stays the newest', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: backupOf(backup) });
  const forged = await record(a, 3, { backup: backupOf(backup) });
  a.spoil(forged, (bytes) => {
    const envelope = JSON.parse(bytes.toString()) as { payload: string };
    const payload = Buffer.from(envelope.payload, 'base64').toString().replace('"passed"', '"failed"');
    return Buffer.from(JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }));
  });
  const found = await look(a);
  expect([found.exit, found.kinds, found.newest]).toEqual([EXIT.damaged, ['record'], [day(2)]]);
  expect(found.findings[0]).toMatchObject({
    store: 'a',
    key: forged,
    message: expect.stringMatching(/was changed/),
  });
});

test('a backup that the ledger does not know, or knows as another, contradicts it', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: { ...backupOf(backup), sha256: 'e'.repeat(64) } as RestoreRecord['backup'] });
  await record(a, 3, { backup: { ...backupOf(backup), type: 'incremental' } as RestoreRecord['backup'] });
  const found = await look(a);
  expect([found.exit, found.kinds, found.newest]).toEqual([EXIT.damaged, ['record', 'record'], [undefined]]);
  expect(found.findings.map(({ message }) => message).sort()).toEqual([
    expect.stringMatching(/which the ledger does not know by that hash$/),
    expect.stringMatching(/and the ledger knows that hash as \d{8}T\d{6}Z-full$/),
  ]);
});

test('a hash under another slot contradicts it, and so does a record that names no store', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: { ...backupOf(backup), slot: '20200101T000000Z' } as RestoreRecord['backup'] });
  const { store: _, ...nowhere } = recordOf({
    startedAt: day(3),
    backup: { ...backupOf(backup), sha256: 'e'.repeat(64) } as RestoreRecord['backup'],
  });
  const key = await opened(keys.ed25519.privatePath);
  await writeRecord(nowhere, { store: a, slot: slotOf(new Date(day(3))), key, machine: testMachine() });
  expect((await look(a)).kinds).toEqual(['record', 'record']);
});

test('a record of a test that came to no backup stands beside one that did', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: backupOf(backup) });
  await record(a, 3, { result: 'failed', why: 'nothing was restored' });
  expect(await look(a)).toMatchObject({ exit: EXIT.success, kinds: [], newest: [day(3)] });
});

test('the ledger of all paths is read only where a record speaks of a backup', async () => {
  const { a, backup } = await world();
  const lists: string[] = [];
  const list = a.list.bind(a);
  a.list = (prefix, options) => {
    lists.push(prefix);
    return list(prefix, options);
  };
  const asked = async () => {
    lists.length = 0;
    await look(a);
    return lists.filter((prefix) => prefix === '_verified/test/').length;
  };
  await record(a, 2, { result: 'failed', why: 'nothing was restored' });
  await record(a, 4, { backup: backupOf(backup), store: 'b' });
  expect(await asked()).toBe(0);
  await record(a, 3, { backup: backupOf(backup) });
  expect(await asked()).toBe(1);
});

test('everything is read again where no key was given, and where one is known', async () => {
  const { a } = await world();
  const [without, known] = [await look(a, [], 9, 'full'), await look(a, [KEY], 9, 'full')];
  expect([without.read?.backups, without.records, known.read?.backups]).toEqual([1, undefined, 1]);
  expect(known.newest).toEqual([undefined]);
});

test.each([
  ['retry', EXIT.retry, 'unreachable', 0],
  ['config', EXIT.permanent, 'config', 2],
] as const)(
  'what comes again for its keys reads everything then, and not twice: %s',
  async (kind, exit, told, read) => {
    const { a } = await world();
    await takeBackup([a], { day: 2 });
    const open = () => Promise.resolve({ places: [{ store: a, path: PATH }], dropped: [], worthRetry: false });
    const openKey = () => Promise.reject(new EngineError(kind, 'no key'));
    const options = { only: undefined, depth: 'full', recordKeys: [KEY], open, openKey } as const;
    const { exit: ended, findings, verified, read: count } = await verify(task, machineAt(9), options);
    expect([ended, findings.map((one) => one.kind), verified.length, count?.backups]).toEqual([exit, [told], 2, read]);
  },
);

test('another store that is away keeps nobody from reading this one', async () => {
  const { a } = await world();
  const dropped = [{ store: 'b', why: 'away' }];
  const open = () => Promise.resolve({ places: [{ store: a, path: PATH }], dropped, worthRetry: true });
  const options = { only: undefined, depth: 'full', recordKeys: [KEY], open } as const;
  expect(await verify(task, machineAt(9), options)).toMatchObject({ exit: EXIT.retry, read: { backups: 1 } });
});

describe('a key that cannot be opened', () => {
  const failing = async (thrown: unknown) => {
    const found: string[] = [];
    const opening = openRecordKeys(
      ['one'],
      testMachine(),
      (key, kind, message) => found.push(`${key}${kind}: ${message}`),
      () => Promise.reject(thrown as Error),
    );
    return [await opening, found];
  };

  test.each([
    [new EngineError('retry', 'the service is away', ''), 'unreachable: the service is away'],
    [new EngineError('config', 'no such key', 'make it'), 'config: no such key; make it'],
  ])('is told with what to do: %s', async (error, told) => {
    expect(await failing(error)).toEqual([[], [told]]);
  });

  test('and a bug stays one', async () => {
    await expect(failing(new TypeError('a bug'))).rejects.toThrow('a bug');
  });
});

test('a backup that was pruned since is no contradiction: its entry stays', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: backupOf(backup) });
  for await (const { key, version } of a.list(PATH, { versions: 'all' })) await a.remove(key, version);
  const found = await look(a, [KEY], 60);
  expect([found.exit, found.kinds, found.newest]).toEqual([EXIT.success, [], [day(2)]]);
});

test('what the data set had under an earlier path is in its ledger too', async () => {
  const { a, backup } = await world();
  await record(a, 2, { backup: backupOf(backup) });
  const [entry = ''] = a.keys.filter((key) => key.startsWith('_verified/'));
  await a.create(entry.replace(PATH, 'earlier/'), a.bytesOf(entry), {});
  for await (const { key, version } of a.list(`_verified/test/${PATH}`, { versions: 'all' }))
    await a.remove(key, version);
  for await (const { key, version } of a.list(PATH, { versions: 'all' })) await a.remove(key, version);
  expect((await look(a)).kinds).toEqual([]);
});

describe('what was read in another store', () => {
  /** Two records that the ledger knows, the newer one of a store. */
  const two = async (store: string, sha256?: string) => {
    const { a, backup } = await world();
    const newer = { ...backupOf(backup), ...(sha256 !== undefined && { sha256 }) } as RestoreRecord['backup'];
    await record(a, 2, { backup: backupOf(backup) });
    return { a, key: await record(a, 3, { backup: newer, store }) };
  };
  const replica = (store: string, of: string) => [{ store, of, region: 'r', bucket: 'b', path: PATH }];
  const seen = async (a: MemoryStore, replicas: TaskManifest['replicas']) => {
    const { exit, kinds, newest } = await look(a, [KEY], 9, 'quick', replicas);
    return [exit, kinds, newest];
  };

  test('does not count here, and somebody should look why it is here', async () => {
    const { a, key } = await two('b');
    const found = await look(a);
    expect([found.exit, found.newest]).toEqual([EXIT.degraded, [day(2)]]);
    expect(found.findings).toEqual([
      { store: 'a', key, kind: 'stray', message: 'it is a record of store b: it does not count here' },
    ]);
    for (const replicas of [replica('c', 'a'), replica('c', 'b'), replica('a', 'c')])
      expect(await seen(a, replicas)).toEqual([EXIT.degraded, ['stray'], [day(2)]]);
  });

  test('is as good as here, if it is a replica of this one', async () => {
    const { a } = await two('far');
    expect(await seen(a, replica('far', 'a'))).toEqual([EXIT.success, [], [day(3)]]);
    const forged = await two('far', 'e'.repeat(64));
    expect(await seen(forged.a, replica('far', 'a'))).toEqual([EXIT.damaged, ['record'], [day(2)]]);
  });

  test('is nobody’s business here, if it is a replica of another one or replication brought the record', async () => {
    const { a } = await two('far', 'e'.repeat(64));
    expect(await seen(a, replica('far', 'b'))).toEqual([EXIT.success, [], [day(2)]]);
    expect(await seen(a, replica('a', 'far'))).toEqual([EXIT.success, [], [day(2)]]);
  });
});

test('a key that cannot be opened is this host’s business, and all else is verified', async () => {
  const { a } = await world();
  await takeBackup([a], { day: 2 });
  await record(a, 2, {}, keys.p256);
  // Beside one that is not there, a stranger's record is no finding: it may be that one's.
  const found = await look(a, [KEY, '/nowhere/key.pem']);
  expect([found.exit, found.kinds, found.verified.filter((one) => !one.already)]).toMatchObject([
    EXIT.permanent,
    ['config'],
    [{ store: 'a' }],
  ]);
});

describe('records that may not be read', () => {
  const failing = async (thrown: Error) => {
    const { a } = await world();
    const list = a.list.bind(a);
    a.list = (prefix, options) => {
      if (prefix.startsWith('_records/')) throw thrown;
      return list(prefix, options);
    };
    await takeBackup([a], { day: 2 });
    return a;
  };

  test.each([
    ['denied', EXIT.permanent, 'config', 2],
    ['retry', EXIT.retry, 'unreachable', 0],
  ] as const)('are told, beside what was verified: %s', async (kind, exit, told, read) => {
    const a = await failing(new StoreError(kind, 'no list of _records/'));
    const quick = await look(a);
    expect([quick.exit, quick.kinds, quick.records]).toEqual([exit, [told], []]);
    expect(quick.findings[0]).toMatchObject({
      store: 'a',
      message: 'records of restores cannot be read: no list of _records/',
    });
    expect(quick.verified).toHaveLength(2);
    // What comes again reads everything then.
    const full = await look(a, [KEY], 9, 'full');
    expect([full.exit, full.kinds, full.read?.backups]).toEqual([exit, [told], read]);
  });

  test('and a bug stays one', async () => {
    await expect(look(await failing(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});
