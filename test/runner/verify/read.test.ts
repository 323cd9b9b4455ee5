import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { encodeManifest } from '../../../lib/runner/manifest';
import { StoreError } from '../../../lib/runner/store/store';
import { verify, verifyFull } from '../../../lib/runner/verify';
import type { VerifyFinding } from '../../../lib/runner/verify';
import { PATH, machineAt, manifestKeyOf, takeBackup, task as copyTask, worldOf } from '../copy/world';
import type { MemoryStore } from '../memory-store';
import { plannedRun } from '../fake-run';

/** `verify --full` of one small store: what it reads, and what it says of it. */

const task: TaskManifest = { ...copyTask, engine: 'files', runs: [plannedRun()] };
const KEY = 'AGE-SECRET-KEY';

async function full(store: MemoryStore, day = 2.1, environment: Record<string, string> = {}) {
  const machine = { ...machineAt(day), environment: { PATH: process.env.PATH, ...environment } };
  const open = () => Promise.resolve({ places: [{ store, path: PATH }], dropped: [], worthRetry: false });
  const { exit, findings, read } = await verify(task, machine, { only: undefined, depth: 'full', open });
  return { exit, read, kinds: findings.map(({ kind, key }) => `${kind} ${key.slice(PATH.length)}`.trim()), findings };
}

const says = (findings: readonly VerifyFinding[], kind: VerifyFinding['kind']) =>
  findings.filter((one) => one.kind === kind).map(({ message }) => message);
const flip = (bytes: Buffer): Buffer => {
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes;
};

async function twoFulls() {
  const { a } = worldOf();
  const first = await takeBackup([a], { day: 1 });
  const second = await takeBackup([a], { day: 2 });
  expect(await full(a)).toMatchObject({ exit: EXIT.success, kinds: [], read: { backups: 2, bytes: 7000 } });
  return { a, first, second };
}

test('reads all of it again each time, and writes nothing but that it did', async () => {
  const { a } = await twoFulls();
  const [reads, keys] = [a.calls('read'), a.keys];
  expect((await full(a, 2.2)).kinds).toEqual([]);
  // Segments and manifests of both, and the ledger as often as it is asked.
  expect(a.calls('read') - reads).toBeGreaterThanOrEqual(2 * 5);
  const written = a.keys.filter((key) => !keys.includes(key));
  expect(written).toEqual([expect.stringMatching(/^_verified\/test\/_full-read\/a\/\d{8}T\d{6}Z-[0-9a-f]{16}\.json$/)]);
});

test('a quick look reads no data, and says no ages', async () => {
  const { a } = await twoFulls();
  const open = () => Promise.resolve({ places: [{ store: a, path: PATH }], dropped: [], worthRetry: false });
  const outcome = await verify(task, machineAt(9), { only: undefined, depth: 'quick', open });
  expect([outcome.exit, outcome.findings, outcome.read]).toEqual([EXIT.success, [], undefined]);
});

test('bytes that rotted are found by what the store computes and by reading, each told once', async () => {
  const { a, second } = await twoFulls();
  const [segment = ''] = a.keys.filter((key) => key.startsWith(`${PATH}${second.manifest.slot}-full-`));
  const quiet = Object.assign(a, { head: a.head.bind(a) });
  quiet.spoil(segment, flip);
  const found = await full(quiet);
  expect(found.exit).toBe(EXIT.damaged);
  expect(says(found.findings, 'lost')).toEqual([expect.stringContaining('the store computes')]);
});

test('bytes that rotted where no list says it', async () => {
  const { a, second } = await twoFulls();
  const list = a.list.bind(a);
  const quiet = Object.assign(a, {
    async *list(...asked: Parameters<MemoryStore['list']>) {
      for await (const { checksum: _, ...one } of list(...asked)) yield one;
    },
  });
  const [segment = ''] = a.keys.filter((key) => key.startsWith(`${PATH}${second.manifest.slot}-full-`));
  quiet.spoil(segment, flip);
  const found = await full(quiet);
  expect([found.exit, found.kinds.map((one) => one.split(' ')[0])]).toEqual([EXIT.damaged, ['checksum', 'checksum']]);
  expect(says(found.findings, 'checksum')).toEqual([
    expect.stringMatching(/^the store computes sha256:.* and computed sha256:.* when it was verified$/),
    expect.stringContaining('its bytes are not those that were stored'),
  ]);
  expect(found.read?.bytes).toBe(7000);
});

test('a manifest that rotted, which the ledger has, and one of a newer version over it', async () => {
  const { a, second } = await twoFulls();
  const key = manifestKeyOf(second);
  a.overwrite(key, Buffer.from('{}'), new Date(Date.UTC(2026, 11, 1)));
  const over = await full(a);
  expect(over.kinds).toEqual([`tampered ${key.slice(PATH.length)}`]);
  const other = await twoFulls();
  other.a.spoil(manifestKeyOf(other.second), flip);
  const found = await full(other.a);
  expect(says(found.findings, 'checksum')).toEqual(['its bytes are not those that were verified; the ledger has them']);
});

test('an increment that does not fit its parent is crossed, and one that lacks it hangs on a hole alone', async () => {
  const { a } = worldOf();
  const first = await takeBackup([a], { day: 1, changes: { source: { identity: {}, position: {} } } });
  const child = await takeBackup([a], { day: 2, type: 'incremental', parent: first });
  const found = await full(a);
  expect(found.kinds).toEqual([`crossed ${manifestKeyOf(child).slice(PATH.length)}`, 'stale']);
  expect(found.exit).toBe(EXIT.damaged);
  // What was told of it by the manifests alone is not told again; what only a survey sees is.
  expect(says(found.findings, 'crossed')).toEqual([expect.stringContaining("can't be restored: take a full")]);
  const odd = worldOf().a;
  const orphan = await takeBackup([odd], { day: 2, type: 'incremental' });
  odd.overwrite(manifestKeyOf(orphan), Buffer.from('{}'), new Date(Date.UTC(2026, 11, 1)));
  const alone = await full(odd);
  expect(says(alone.findings, 'crossed')).toEqual(['it follows nothing, although it is no full']);
  expect(says(alone.findings, 'tampered')).not.toEqual([]);
  const { a: b, b: elsewhere } = worldOf();
  const parent = await takeBackup([elsewhere], { day: 1 });
  await takeBackup([b], { day: 2, type: 'incremental', parent });
  expect((await full(b)).kinds.map((one) => one.split(' ')[0])).toEqual(['hole', 'stale']);
});

test('a newest backup that is too old is stale, and so is none at all', async () => {
  const { a } = await twoFulls();
  const late = await full(a, 5);
  expect([late.exit, says(late.findings, 'stale')]).toEqual([
    EXIT.degraded,
    [expect.stringMatching(/^72:00:00 is the age of the newest verified full, and it should be at most 25:30:00$/)],
  ]);
  const none = await full(worldOf().a);
  expect([none.exit, says(none.findings, 'stale')]).toEqual([
    EXIT.degraded,
    [expect.stringMatching(/^there is no verified full, and it should be at most/)],
  ]);
});

describe('strays', () => {
  const of = async (store: MemoryStore, day: number) => says((await full(store, day)).findings, 'stray');

  test('are data without a manifest, and data that a backup does without, a day after they were written', async () => {
    const { a, second } = await twoFulls();
    await a.create(`${PATH}20261123T101500Z-full-${'c'.repeat(16)}/files.0001`, Buffer.from('x'), {});
    await a.create(`${PATH}${second.manifest.slot}-full-${'d'.repeat(16)}/files.0001`, Buffer.from('x'), {});
    await a.create(`${PATH}read.me`, Buffer.from('x'), {});
    expect(await of(a, 2.9)).toEqual([]);
    expect(await of(a, 3.1)).toEqual(['there is no manifest that names it', 'the backup does without it']);
  });

  test('are none where they were deleted, or where a manifest waits for its verification', async () => {
    const { a } = await twoFulls();
    const key = `${PATH}20261123T101500Z-full-${'c'.repeat(16)}/files.0001`;
    await a.create(key, Buffer.from('x'), {});
    await a.remove(key, undefined);
    await a.create(`${PATH}20261123T111500Z-full-${'c'.repeat(16)}/files.0001`, Buffer.from('x'), {});
    await a.create(`${PATH}20261123T111500Z-full.manifest.json`, Buffer.from('{}'), {});
    expect(await of(a, 4)).toEqual([]);
  });
});

describe('what is encrypted to a recipient', () => {
  const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

  async function encrypted() {
    const { a } = worldOf({ a: { encryption: 'none' } });
    await takeBackup([a], { day: 2, recipient });
    return a;
  }

  test('is compared as it is stored where there is no identity', async () => {
    const a = await encrypted();
    expect(await full(a)).toMatchObject({ exit: EXIT.success, kinds: [], read: { backups: 1 } });
  });

  const wrong = { HYPDR_AGE_IDENTITY_FILE: `/nowhere/${KEY}` };

  test('is decrypted where there is one; a wrong one is said once, and no other try helps', async () => {
    const a = await encrypted();
    await takeBackup([a], { day: 1, recipient });
    const found = await full(a, 2.1, wrong);
    expect([found.exit, says(found.findings, 'config')]).toEqual([
      EXIT.permanent,
      [expect.stringMatching(/can not be read; set HYPDR_AGE_IDENTITY_FILE/)],
    ]);
    expect([found.kinds, found.read?.backups]).toEqual([['config'], 2]);
  });

  test('with a wrong one, what rotted is found all the same, and outweighs it', async () => {
    const a = await encrypted();
    await full(a);
    const [segment = ''] = a.keys.filter((key) => key.endsWith('.0001') && !key.startsWith('_'));
    const list = a.list.bind(a);
    const quiet = Object.assign(a, {
      async *list(...asked: Parameters<MemoryStore['list']>) {
        for await (const { checksum: _, ...one } of list(...asked)) yield one;
      },
      head: async () => Promise.resolve(undefined),
    });
    quiet.spoil(segment, flip);
    const found = await full(quiet, 2.1, wrong);
    expect([found.exit, found.kinds.map((one) => one.split(' ')[0])]).toEqual([EXIT.damaged, ['config', 'checksum']]);
  });
});

test('a run that is ended proves nothing of what it had not read', async () => {
  const { a } = await twoFulls();
  const open = () => Promise.resolve({ places: [{ store: a, path: PATH }], dropped: [], worthRetry: false });
  const machine = { ...machineAt(2.1), signal: AbortSignal.abort(new Error('SIGTERM')) };
  const found = await verify(task, machine, { only: undefined, depth: 'full', open });
  expect([found.exit, found.findings.map(({ kind }) => kind)]).toEqual([EXIT.retry, ['unreachable']]);
});

test('a store that fails in between is an error of the place, and no damage', async () => {
  const { a } = await twoFulls();
  const read = a.read.bind(a);
  const failing = Object.assign(a, {
    read: (...asked: Parameters<MemoryStore['read']>) =>
      asked[0].endsWith('.0002') ? Promise.reject(new StoreError('retry', 'no answer')) : read(...asked),
  });
  const found = await full(failing);
  expect([found.exit, found.kinds]).toEqual([EXIT.retry, ['unreachable']]);
});

describe('what may not be read', () => {
  const denied = () => Promise.reject(new StoreError('denied', 'AccessDenied (403)'));
  const barring = (store: MemoryStore, calls: readonly ('head' | 'read')[], isBarred: (key: string) => boolean) => {
    const [head, read] = [store.head.bind(store), store.read.bind(store)];
    return Object.assign(store, {
      head: (...asked: Parameters<MemoryStore['head']>) =>
        calls.includes('head') && isBarred(asked[0]) ? denied() : head(...asked),
      read: (...asked: Parameters<MemoryStore['read']>) =>
        calls.includes('read') && isBarred(asked[0]) ? denied() : read(...asked),
    });
  };
  const NOT_PERMITTED = 'not permitted to be read, and no word on what is stored: AccessDenied (403)';

  test.each([
    ['neither to be looked at nor read', ['head', 'read'] as const],
    ['to be looked at, and not to be read', ['read'] as const],
  ])('%s is neither missing nor damaged, and the rest is read', async (_, calls) => {
    const { a, second } = await twoFulls();
    const folder = `${PATH}${second.manifest.slot}-full-`;
    const found = await full(barring(a, calls, (key) => key.startsWith(folder) && key.endsWith('.0002')));
    expect(found.exit).toBe(EXIT.permanent);
    expect(found.findings.map(({ kind, message }) => [kind, message])).toEqual([['config', NOT_PERMITTED]]);
    expect(found.findings[0]?.key).toContain(folder);
    // The other backup, all of it; of this one no stream is whole.
    expect(found.read).toMatchObject({ backups: 1, bytes: 3500 });
  });

  test('is not asked for when the look at it was refused', async () => {
    const { a, second } = await twoFulls();
    // The manifest too.
    const own = `${PATH}${second.manifest.slot}-full`;
    const [asked, read] = [[] as string[], a.read.bind(a)];
    a.read = (...of) => {
      asked.push(of[0]);
      return read(...of);
    };
    const found = await full(barring(a, ['head'], (key) => key.startsWith(own)));
    expect([found.exit, asked.filter((key) => key.startsWith(own))]).toEqual([EXIT.permanent, []]);
  });

  test('is told once a backup, with how much it is, and damage beside it outweighs it', async () => {
    const { a, first, second } = await twoFulls();
    const [spoiled = ''] = a.keys.filter((key) => key.startsWith(`${PATH}${first.manifest.slot}-full-`));
    a.spoil(spoiled, flip);
    const own = `${PATH}${second.manifest.slot}-full`;
    const found = await full(barring(a, ['head', 'read'], (key) => key.startsWith(own)));
    expect(found.exit).toBe(EXIT.damaged);
    expect(says(found.findings, 'config')).toEqual([
      expect.stringMatching(/^not permitted to be read.*: AccessDenied \(403\) \(and so are [1-9]\d* more objects/),
    ]);
    expect(says(found.findings, 'missing')).toEqual([]);
  });

  test('may be the manifest alone', async () => {
    const { a, second } = await twoFulls();
    const found = await full(
      barring(a, ['read'], (key) => key === `${PATH}${second.manifest.slot}-full.manifest.json`),
    );
    expect(found.findings.map(({ kind, message }) => [kind, message])).toEqual([['config', NOT_PERMITTED]]);
    expect(found.exit).toBe(EXIT.permanent);
  });

  test.each([
    ['the look at an object', 1],
    ['the look whether it was pruned', 2],
  ])('is no store that gives no answer: %s', async (_, which) => {
    const { a } = worldOf();
    await takeBackup([a], { day: 1, retention: 1 });
    await full(a, 1.5);
    const head = a.head.bind(a);
    let looks = 0;
    a.head = (...asked) => {
      if (asked[0].endsWith('.manifest.json')) looks += 1;
      return asked[0].endsWith('.manifest.json') && looks === which
        ? Promise.reject(new StoreError('retry', 'no answer'))
        : head(...asked);
    };
    const found = await full(a, 10);
    expect([found.exit, found.kinds]).toEqual([EXIT.retry, ['unreachable']]);
  });

  test('is what a store says, and no mistake of this program that looks like it', async () => {
    const { a } = await twoFulls();
    a.head = () => Promise.reject(Object.assign(new Error('a bug'), { kind: 'denied' }));
    await expect(full(a)).rejects.toThrow('a bug');
  });

  test('is not taken for pruned after its time', async () => {
    const { a } = worldOf();
    await takeBackup([a], { day: 1, retention: 1 });
    await full(a, 1.5);
    const found = await full(
      barring(a, ['head', 'read'], (key) => key.startsWith(PATH)),
      10,
    );
    expect(says(found.findings, 'config')).toEqual([expect.stringContaining('not permitted to be read')]);
    expect(found.read).toMatchObject({ backups: 0, bytes: 0 });
  });
});

test('an object that is gone between the list and the look is missing', async () => {
  const { a } = await twoFulls();
  const read = a.read.bind(a);
  const gone = Object.assign(a, {
    read: (...asked: Parameters<MemoryStore['read']>) =>
      asked[0].endsWith('.0002') ? Promise.reject(new StoreError('missing', 'it is not there')) : read(...asked),
    head: () => Promise.resolve(undefined),
  });
  const found = await full(gone);
  expect([found.exit, says(found.findings, 'missing')]).toEqual([EXIT.damaged, ['it is not there', 'it is not there']]);
});

test.each([
  ['after its time: that was a prune', 1, EXIT.success, [], 1],
  ['before its time: nobody may', 30, EXIT.damaged, ['missing'], 2],
])('a backup that goes while it is read, %s', async (_, retention, exit, kinds, backups) => {
  const { a } = worldOf();
  const first = await takeBackup([a], { day: 1, retention });
  await full(a, 1.9);
  await takeBackup([a], { day: 2 });
  await full(a, 2);
  const read = a.read.bind(a);
  const pruned = Object.assign(a, {
    read: async (...asked: Parameters<MemoryStore['read']>) => {
      const [key] = asked;
      if (key.startsWith(`${PATH}${first.manifest.slot}-full-`) && key.endsWith('.0002')) {
        for (const one of a.keys.filter((each) => each.startsWith(`${PATH}${first.manifest.slot}-full`)))
          for await (const { version } of a.list(one, { versions: 'all' })) await a.remove(one, version);
      }
      return read(...asked);
    },
  });
  const found = await full(pruned, 2.9);
  expect([found.exit, found.kinds.map((one) => one.split(' ')[0]), found.read?.backups]).toEqual([
    exit,
    kinds,
    backups,
  ]);
});

test('a backup that is over its time and not pruned yet is read like any other', async () => {
  const { a } = worldOf();
  await takeBackup([a], { day: 1, retention: 1 });
  await takeBackup([a], { day: 2 });
  await full(a, 1.9);
  expect((await full(a, 2.9)).read?.backups).toBe(2);
});

test('a manifest from the future is told of', async () => {
  const { a } = await twoFulls();
  await takeBackup([a], { day: 9 });
  const found = await full(a);
  expect(says(found.findings, 'tampered')).toEqual([expect.stringContaining('is from the future by its own words')]);
});

test('a store that says no checksums now is asked for the bytes alone', async () => {
  const { a } = await twoFulls();
  const head = a.head.bind(a);
  const silent = Object.assign(a, {
    head: async (...asked: Parameters<MemoryStore['head']>) => {
      const { checksum: _, ...one } = { checksum: '', ...(await head(...asked)) };
      return one as Awaited<ReturnType<typeof head>>;
    },
  });
  expect((await full(silent)).kinds).toEqual([]);
});

test('bytes that were stored as they came, and are not what the engine wrote, are found by unpacking', async () => {
  const { a } = worldOf();
  const { manifest } = await takeBackup([a], { day: 2 });
  for await (const { key, version } of a.list(PATH)) if (key.endsWith('.json')) await a.remove(key, version);
  const streams = manifest.streams.map((one) => ({ ...one, sha256: 'e'.repeat(64) }));
  const wrong = encodeManifest({ ...manifest, streams });
  await a.create(manifestKeyOf(wrong), wrong.bytes, {});
  expect(says((await full(a)).findings, 'checksum')).toEqual([
    expect.stringContaining('to other bytes than the engine wrote'),
  ]);
});

test('a task without places has nothing to read', async () => {
  const nowhere = { ...task, stores: [], copies: [] };
  expect(await verifyFull(nowhere, machineAt(2))).toMatchObject({ exit: EXIT.success, read: { backups: 0, bytes: 0 } });
});
