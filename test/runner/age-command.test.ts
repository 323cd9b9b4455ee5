import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskStore } from '../../lib/contract';
import { EXIT } from '../../lib/runner/exit-code';
import { encodeLedgerEntry } from '../../lib/runner/manifest';
import { ledgerKey, recordKey, runKeys } from '../../lib/runner/object-key';
import { run } from '../../lib/runner/program';
import { slotOf } from '../../lib/runner/slot';
import { StoreError } from '../../lib/runner/store/store';
import type { Store } from '../../lib/runner/store/store';
import { testMachine, testTask } from '../suites/runner/engine-machine';
import { DAY, START, manifestOf } from './manifests';
import { MemoryStore } from './memory-store';

/** `age`: what a cloud without functions starts every quarter of an hour, and what people ask by hand. */

const stores = new Map<string, () => Store>();
jest.mock('../../lib/runner/store/open', () => ({
  openStore: ({ store }: TaskStore) => Promise.resolve(stores.get(store)?.()),
}));

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-age-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => stores.clear());

/** A store whose ledger holds a full of `task`, taken before so many days; the first call of a test makes it. */
async function verified(id: string, task: string, daysAgo: number, retention = 365): Promise<void> {
  const made = stores.get(id)?.();
  const store = made ?? new MemoryStore({ id });
  const { manifest, bytes, sha256 } = manifestOf(-daysAgo, 'full', retention, undefined, { task });
  const manifestKey = runKeys('data/', manifest.slot, manifest.type, manifest.attempt).manifest;
  const entry = encodeLedgerEntry({
    ...{ version: 1, store: id, manifestKey, manifestSha256: sha256, manifest: bytes.toString(), objects: [] },
    verifiedAt: manifest.endedAt,
    method: 'head',
  });
  await store.create(manifestKey, bytes, {});
  await store.create(ledgerKey(task, manifestKey), entry, {});
  stores.set(id, () => store);
}

function refusing(id: string, kind: StoreError['kind']): void {
  const fault = () => {
    throw new StoreError(kind, `${id} says no`);
  };
  stores.set(id, () => new MemoryStore({ id, fault }));
}

/** A task that takes a full every day into the stores of these ids, and is copied into others. */
function taskFile(name: string, ids: readonly string[], copies: readonly string[] = [], changes: object = {}): string {
  const node = { id: 'node', from: [] };
  const place = (store: string) => ({
    ...node,
    store,
    cloud: 'google' as const,
    region: 'r',
    bucket: store,
    path: 'data/',
  });
  const task = testTask({
    name,
    runs: [
      {
        ...node,
        type: 'full',
        for: ['full'],
        cadence: { kind: 'daily' },
        schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
        expectedSeconds: 1800,
        ...{ retentionDays: 30, lockDays: 0, compression: 'none', encryption: false },
      },
    ],
    stores: ids.map(place),
    copies: copies.map((store) => ({ ...place(store), source: ids[0] ?? '' })),
    ...changes,
  });
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(task));
  return file;
}

async function call(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const machine = testMachine({}, () => new Date(START));
  const output = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text) };
  const exit = await run(['age', ...argv], machine, output);
  return { exit, out: out.join(''), err: err.join(''), events: machine.events };
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('people read a line a type and store, and 0 says that all are young', async () => {
  await verified('g', 'shop', 0.5);
  const { exit, out } = await call('--task', taskFile('shop', ['g']));
  expect(out).toBe('young       12.0 h of    25.5 h  shop  full          g\n');
  expect(exit).toBe(EXIT.success);
});

test('the worst of all tasks is how it ends, and each task is told', async () => {
  await verified('young', 'shop', 0.5);
  await verified('old', 'docs', 3);
  stores.set('empty', () => new MemoryStore({ id: 'empty' }));
  const { exit, out } = await call(
    ...['--task', taskFile('shop', ['young']), '--task', taskFile('docs', ['old'])],
    ...['--task', taskFile('crm', ['empty'])],
  );
  expect(out).toBe(
    [
      'young       12.0 h of    25.5 h  shop  full          young',
      'overdue     72.0 h of    25.5 h  docs  full          old',
      'overdue       none of    25.5 h  crm  full          empty\n',
    ].join('\n'),
  );
  expect(exit).toBe(EXIT.degraded);
});

test.each([
  ['retry', EXIT.retry],
  ['denied', EXIT.permanent],
] as const)('a store that says %s ends with %i, and counts as overdue', async (kind, code) => {
  refusing('g', kind);
  const { exit, out, events } = await call('--task', taskFile('shop', ['g']), '--metrics', 'log');
  expect(exit).toBe(code);
  expect(lines(out)).toEqual([
    expect.objectContaining({ event: 'backup_overdue', metrics: { BackupOverdueSeconds: 86_400 } }),
  ]);
  expect(events).toEqual([expect.objectContaining({ event: 'store_unreachable', task: 'shop', store: 'g' })]);
});

test('a manifest that cannot be read has no gauges, and keeps no other task from its own', async () => {
  await verified('g', 'shop', 0.5);
  const nowhere = path.join(folder, 'nowhere.json');
  const { exit, out, err } = await call('--task', nowhere, '--task', taskFile('shop', ['g']), '--metrics', 'log');
  expect([exit, err]).toEqual([EXIT.badInvocation, `hypdr-runner: ${nowhere} cannot be read (ENOENT)\n`]);
  expect(lines(out)).toHaveLength(5);
});

test('a line of the log has what Cloud Logging and Azure Monitor take labels and values from', async () => {
  await verified('g', 'shop', 3);
  const { out } = await call('--task', taskFile('shop', ['g']), '--metrics', 'log');
  const time = new Date(START).toISOString();
  expect(lines(out)).toEqual([
    {
      ...{ severity: 'INFO', time, event: 'backup_age' },
      message: 'newest verified full backup of shop in g is 259200 seconds old',
      labels: { task: 'shop', type: 'full', store: 'g' },
      metrics: { BackupAgeSeconds: (3 * DAY) / 1000 },
    },
    {
      ...{ severity: 'INFO', time, event: 'chain_expiry' },
      message: 'newest verified chain of shop in g expires in 31276800 seconds',
      labels: { task: 'shop', store: 'g' },
      metrics: { ChainExpirySeconds: 362 * 86_400 },
    },
    {
      ...{ severity: 'INFO', time, event: 'expiry_warning' },
      message: 'verified chains of shop are kept for long enough',
      labels: { task: 'shop' },
      metrics: { ExpiryWarningSeconds: 0 },
    },
    {
      ...{ severity: 'INFO', time, event: 'prune_overdue' },
      message: 'pruning of shop is on time',
      labels: { task: 'shop' },
      metrics: { PruneOverdueSeconds: 0 },
    },
    {
      ...{ severity: 'WARNING', time, event: 'backup_overdue' },
      message: 'verified backups of shop are overdue by 167400 seconds',
      labels: { task: 'shop' },
      metrics: { BackupOverdueSeconds: 3 * 86_400 - 86_400 - 1800 - 3600 },
    },
  ]);
});

test('CloudWatch and Prometheus get the same gauges', async () => {
  await verified('g', 'shop', 0.5);
  await verified('h', 'docs', 0.25);
  const tasks = ['--task', taskFile('shop', ['g']), '--task', taskFile('docs', ['h'])];
  const emf = lines((await call(...tasks, '--metrics', 'emf')).out);
  const values = ({ Task, Store, ...one }: Record<string, unknown>) => [
    ...[Task, Store, one.BackupAgeSeconds ?? one.ChainExpirySeconds],
    one.ExpiryWarningSeconds ?? one.PruneOverdueSeconds ?? one.BackupOverdueSeconds,
  ];
  expect(emf.map(values)).toEqual([
    ['shop', 'g', 43_200, undefined],
    ['shop', 'g', 364.5 * 86_400, undefined],
    ['shop', undefined, undefined, 0],
    ['shop', undefined, undefined, 0],
    ['shop', undefined, undefined, 0],
    ['docs', 'h', 21_600, undefined],
    ['docs', 'h', 364.75 * 86_400, undefined],
    ['docs', undefined, undefined, 0],
    ['docs', undefined, undefined, 0],
    ['docs', undefined, undefined, 0],
  ]);
  const file = path.join(folder, 'age.prom');
  expect((await call(...tasks, '--metrics', `prometheus:${file}`)).exit).toBe(EXIT.success);
  expect(readFileSync(file, 'utf8')).toBe(`# TYPE hypnoscript_backup_age_seconds gauge
hypnoscript_backup_age_seconds{task="shop",type="full",store="g"} 43200
hypnoscript_backup_age_seconds{task="docs",type="full",store="h"} 21600
# TYPE hypnoscript_chain_expiry_seconds gauge
hypnoscript_chain_expiry_seconds{task="shop",store="g"} 31492800
hypnoscript_chain_expiry_seconds{task="docs",store="h"} 31514400
# TYPE hypnoscript_expiry_warning_seconds gauge
hypnoscript_expiry_warning_seconds{task="shop"} 0
hypnoscript_expiry_warning_seconds{task="docs"} 0
# TYPE hypnoscript_prune_overdue_seconds gauge
hypnoscript_prune_overdue_seconds{task="shop"} 0
hypnoscript_prune_overdue_seconds{task="docs"} 0
# TYPE hypnoscript_backup_overdue_seconds gauge
hypnoscript_backup_overdue_seconds{task="shop"} 0
hypnoscript_backup_overdue_seconds{task="docs"} 0
# TYPE hypnoscript_backup_age_timestamp_seconds gauge
hypnoscript_backup_age_timestamp_seconds ${START / 1000}
`);
});

test('a chain that expires soon is told before it does, with its store; a store that is away hides no other', async () => {
  // 30 days are asked for, and daily: 14 days before the end. One of 365 days is left to the other store.
  await verified('g', 'shop', 352);
  await verified('h', 'shop', 0.5);
  refusing('away', 'denied');
  const shop = taskFile('shop', ['g', 'h', 'away']);
  const here = ['--store', 'g', '--store', 'h'];
  const { exit, out } = await call('--task', shop, ...here);
  expect(exit).toBe(EXIT.degraded);
  expect(out).toContain('\nexpires    312.0 h of   336.0 h  shop  chain         g\n');
  expect(out).not.toContain('chain         h');
  const told = lines((await call('--task', shop, '--metrics', 'log')).out);
  expect(told.filter(({ event }) => event === 'expiry_warning')).toEqual([
    expect.objectContaining({
      severity: 'WARNING',
      message: 'the newest verified chain of shop in a store expires soon: the warning began 86400 seconds ago',
      metrics: { ExpiryWarningSeconds: 86_400 },
    }),
  ]);
});

test('what no prune took is told of for people and alarms, with its store', async () => {
  // Kept for a day, over for nineteen: the manifest lies there still.
  await verified('g', 'shop', 20, 1);
  await verified('g', 'shop', 4);
  await verified('g', 'shop', 0.5);
  const { exit, out } = await call('--task', taskFile('shop', ['g']));
  expect(exit).toBe(EXIT.degraded);
  expect(out).toContain('\noverdue    456.0 h of    72.0 h  shop  pruned        g\n');
  const told = lines((await call('--task', taskFile('shop', ['g']), '--metrics', 'log')).out);
  expect(told.filter(({ event }) => /prune/.test(String(event)))).toEqual([
    expect.objectContaining({ event: 'unpruned', metrics: { UnprunedSeconds: 19 * 86_400 } }),
    expect.objectContaining({
      severity: 'WARNING',
      message: 'pruning of shop is overdue by 1382400 seconds',
      labels: { task: 'shop' },
      metrics: { PruneOverdueSeconds: 16 * 86_400 },
    }),
  ]);
});

const dailyReading = {
  validation: {
    ...{ id: 'v', from: [], checksum: true, cadence: { kind: 'daily' }, queries: [] },
    fullRead: { kind: 'calendar', at: '07:00', timeZone: 'UTC', days: { kind: 'all' } },
  },
};

test('a full re-read that never came is overdue, and has a gauge of its own', async () => {
  // 24, 19 and 24 hours are allowed.
  await verified('g', 'shop', 3);
  await verified('g2', 'docs', 2);
  const shop = taskFile('shop', ['g'], [], { ...dailyReading, runs: [] });
  const docs = taskFile('docs', ['g2'], [], { ...dailyReading, runs: [] });
  const { exit, out } = await call('--task', shop, '--task', docs);
  expect(exit).toBe(EXIT.degraded);
  expect(out).toBe(
    'overdue     72.0 h of    67.0 h  shop  never read again  g\n' +
      'young       48.0 h of    67.0 h  docs  never read again  g2\n',
  );
  expect(lines((await call('--task', shop, '--metrics', 'log')).out)).toMatchObject([
    {
      event: 'full_read_age',
      message: 'what lies of shop in g for 259200 seconds was never read again',
      labels: { task: 'shop', store: 'g' },
      metrics: { FullReadAgeSeconds: 259_200 },
    },
    { event: 'prune_overdue' },
    {
      event: 'backup_overdue',
      message: 'reading all of shop again is overdue by 18000 seconds',
      metrics: { BackupOverdueSeconds: 18_000 },
    },
  ]);
  const file = path.join(folder, 'read.prom');
  await call('--task', shop, '--metrics', `prometheus:${file}`);
  expect(readFileSync(file, 'utf8')).toContain('hypnoscript_full_read_age_seconds{task="shop",store="g"} 259200\n');
});

/** Whose newest backup a schedule restores for a test every day: 24 hours, 72 to thaw, 19 and 24 are allowed. */
const dailyTest = {
  runs: [],
  validation: {
    ...{ id: 'v', from: [], checksum: true, cadence: { kind: 'daily' }, queries: [] },
    testRestore: { schedule: { kind: 'calendar', at: '09:00', timeZone: 'UTC', days: { kind: 'all' } } },
  },
};

/** A record of something that began before so many days; what it says is not asked. */
async function recorded(id: string, task: string, daysAgo: number, kind: 'test-restore' | 'drill' = 'test-restore') {
  const slot = slotOf(new Date(START - daysAgo * DAY));
  await stores
    .get(id)?.()
    .create(recordKey(task, { slot, kind, random: '0011223344556677' }), Buffer.from('?'), {});
}

describe('test restores', () => {
  test('are as old as the newest on record; one that never came is overdue, and apart from backups', async () => {
    await verified('g', 'shop', 9);
    await recorded('g', 'shop', 7);
    await recorded('g', 'shop', 2);
    await verified('h', 'docs', 6);
    const shop = taskFile('shop', ['g'], [], dailyTest);
    const docs = taskFile('docs', ['h'], [], dailyTest);
    const { exit, out } = await call('--task', shop, '--task', docs);
    expect(out).toBe(
      'young       48.0 h of   139.0 h  shop  restored for a test\n' +
        'overdue    144.0 h of   139.0 h  docs  never restored for a test\n',
    );
    expect(exit).toBe(EXIT.degraded);
    expect((await call('--task', shop)).exit).toBe(EXIT.success);
    expect(lines((await call('--task', docs, '--metrics', 'log')).out)).toMatchObject([
      {
        ...{ event: 'test_restore_age', severity: 'INFO', labels: { task: 'docs' } },
        message: 'what lies of docs for 518400 seconds was never restored for a test',
        metrics: { TestRestoreAgeSeconds: 518_400 },
      },
      {
        ...{ event: 'test_restore_overdue', severity: 'WARNING', labels: { task: 'docs' } },
        message: 'a test restore of docs is overdue by 18000 seconds',
        metrics: { TestRestoreOverdueSeconds: 18_000 },
      },
      { event: 'prune_overdue' },
      { event: 'backup_overdue', metrics: { BackupOverdueSeconds: 0 } },
    ]);
    const emf = lines((await call('--task', shop, '--metrics', 'emf')).out);
    expect(emf.map((one) => [one.Task, one.TestRestoreAgeSeconds, one.TestRestoreOverdueSeconds])).toEqual([
      ['shop', 172_800, undefined],
      ['shop', undefined, 0],
      ['shop', undefined, undefined],
      ['shop', undefined, undefined],
    ]);
  });

  test('a drill, a record from the future and one of another data set are none', async () => {
    await verified('g', 'shop', 6);
    await recorded('g', 'shop', 1, 'drill');
    await recorded('g', 'shop', -1);
    await recorded('g', 'docs', 1);
    const { out } = await call('--task', taskFile('shop', ['g'], [], dailyTest));
    expect(out).toBe('overdue    144.0 h of   139.0 h  shop  never restored for a test\n');
  });

  test('a record lies in one of the stores, and copies are no place of it', async () => {
    await verified('g', 'shop', 9);
    await verified('h', 'shop', 9);
    await verified('copy', 'shop', 9);
    await recorded('h', 'shop', 1);
    const task = taskFile('shop', ['g', 'h'], ['copy'], dailyTest);
    expect((await call('--task', task)).out).toBe('young       24.0 h of   139.0 h  shop  restored for a test\n');
    // Whoever is asked of some of the stores, as in another cloud, can't say that there is none.
    for (const asked of ['g', 'copy']) expect((await call('--task', task, '--store', asked)).out).toBe('');
  });

  test.each([
    ['retry', EXIT.retry],
    ['denied', EXIT.permanent],
  ] as const)('records that a store says %s to are unknown, which makes no backup late', async (kind, code) => {
    await verified('g', 'shop', 9);
    const inner = stores.get('g')?.();
    if (!inner) throw new Error('no store');
    const list = inner.list.bind(inner);
    inner.list = (prefix, options) => {
      if (prefix.startsWith('_records/')) throw new StoreError(kind, 'no list');
      return list(prefix, options);
    };
    const task = taskFile('shop', ['g'], [], dailyTest);
    const { exit, out, events } = await call('--task', task, '--metrics', 'emf');
    expect(exit).toBe(code);
    expect(lines(out)).toEqual([
      expect.objectContaining({ PruneOverdueSeconds: 0 }),
      expect.objectContaining({ BackupOverdueSeconds: 0 }),
    ]);
    expect(events).toEqual([
      expect.objectContaining({ event: 'records_unreachable', task: 'shop', message: 'g: no list' }),
    ]);
    expect((await call('--task', task)).out).toBe('unknown  shop  test restores: g: no list\n');
  });

  test('with a store that gives no answer nobody knows: it may have the newest', async () => {
    await verified('g', 'shop', 9);
    refusing('h', 'denied');
    const { out } = await call('--task', taskFile('shop', ['g', 'h'], [], dailyTest), '--metrics', 'log');
    expect(lines(out).map(({ event }) => event)).toEqual(['prune_overdue', 'backup_overdue']);
  });

  test('what no container can restore is waited for by nobody, nor anything of a task without backups', async () => {
    await verified('g', 'shop', 9);
    stores.set('empty', () => new MemoryStore({ id: 'empty' }));
    const byHand = taskFile('shop', ['g'], [], {
      ...dailyTest,
      validation: { ...dailyTest.validation, testRestore: { ...dailyTest.validation.testRestore, byHand: true } },
    });
    expect((await call('--task', byHand)).out).toBe('');
    expect((await call('--task', taskFile('shop', ['empty'], [], dailyTest))).out).toBe('');
  });
});

test('--store leaves stores of other clouds to the prober there; one that no task has is a mistake', async () => {
  await verified('g', 'shop', 0.5);
  refusing('elsewhere', 'denied');
  const task = taskFile('shop', ['g'], ['elsewhere']);
  expect((await call('--task', task)).exit).toBe(EXIT.permanent);
  expect((await call('--task', task, '--store', 'g')).exit).toBe(EXIT.success);
  expect(await call('--task', task, '--store', 'g', '--store', 'typo')).toMatchObject({
    exit: EXIT.badInvocation,
    err: 'hypdr-runner: no task has a store typo\n',
  });
});

test('JSON is one document of all tasks', async () => {
  await verified('g', 'shop', 0.5);
  const { out } = await call('--task', taskFile('shop', ['g']), '--format', 'json');
  expect(JSON.parse(out)).toMatchObject([{ task: 'shop', ages: [{ store: 'g', type: 'full', ageSeconds: 43_200 }] }]);
});

test('other commands take one task', async () => {
  const { exit, err } = await (async () => {
    const output = { stdout: () => undefined, stderr: (text: string) => void said.push(text) };
    const said: string[] = [];
    const exit = await run(['list', '--task', 'a', '--task', 'b'], testMachine(), output);
    return { exit, err: said.join('') };
  })();
  expect([exit, err]).toEqual([EXIT.badInvocation, expect.stringContaining('list is for one task')]);
});
