import { FullRead } from '../../../lib/contract/full-read';
import { overdueSeconds } from '../../../lib/runner/age';
import { EXIT } from '../../../lib/runner/exit-code';
import { newestFullRead, writeFullRead } from '../../../lib/runner/full-read';
import { fullReadAge, longestSeconds } from '../../../lib/runner/full-read-age';
import { readLedger } from '../../../lib/runner/history';
import { LedgerLook } from '../../../lib/runner/ledger-look';
import { readFirstLedger } from '../../../lib/runner/restore/ledger';
import { StoreError } from '../../../lib/runner/store/store';
import { verify } from '../../../lib/runner/verify';
import { PATH, machineAt, takeBackup, task as copyTask, worldOf } from '../copy/world';
import { MemoryStore } from '../memory-store';
import type { MemoryStoreOptions } from '../memory-store';

/** That all was read again is put on record, and missed where it never was. */

const fullRead = {
  kind: 'calendar',
  at: '07:00',
  timeZone: 'UTC',
  days: { kind: 'weekdays', weekdays: ['sunday'] },
} as const;
const task = { ...copyTask, engine: 'files', validation: { ...copyTask.validation, fullRead } } as const;
const HOUR = 3600;
/** A week, 19 hours and a day. */
const ALLOWED = 7 * 24 * HOUR + 19 * HOUR + 24 * HOUR;

async function read(store: MemoryStore, day: number, depth: 'quick' | 'full' = 'full') {
  const open = () => Promise.resolve({ places: [{ store, path: PATH }], dropped: [], worthRetry: false });
  return verify(task, machineAt(day), { only: undefined, depth, open });
}

async function ageAt(store: MemoryStore, day: number, asked: typeof copyTask = task) {
  const place = { store, path: PATH };
  return fullReadAge(place, asked, await LedgerLook.at(place, 'test'), machineAt(day).now());
}

async function world(options: MemoryStoreOptions = {}) {
  const { a } = worldOf({ a: options });
  await takeBackup([a], { day: 1 });
  await read(a, 1.1, 'quick');
  return a;
}

const newest = (store: MemoryStore, day: number) => newestFullRead({ store }, 'test', machineAt(day).now());

test('a reading says what it read and found, in a form that programs know', async () => {
  const a = await world();
  expect(a.keys.some((key) => key.includes('_full-read'))).toBe(false);
  await read(a, 3);
  const found = await newest(a, 4);
  expect(FullRead.parse(found)).toEqual({
    ...{ version: 1, task: 'test', store: 'a', backups: 1, bytes: 3500, archived: { backups: 0, bytes: 0 } },
    startedAt: machineAt(3).now().toISOString(),
    endedAt: machineAt(3).now().toISOString(),
    findings: {},
  });
});

test('one that finds damage has come all the same', async () => {
  const a = await world();
  const [segment = ''] = a.keys.filter((key) => /^data\/.*-full-/.test(key));
  a.spoil(segment, (bytes) => bytes.fill(0, 0, 1));
  await a.create(`${PATH}20261101T000000Z-full-${'0'.repeat(16)}/stray`, Buffer.from('x'), {});
  const { exit, findings: all } = await read(a, 3);
  expect(exit).toBe(EXIT.damaged);
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  expect(kinds.length).toBeGreaterThan(1);
  expect((await newest(a, 4))?.findings).toEqual(
    Object.fromEntries(kinds.map((kind) => [kind, all.filter((one) => one.kind === kind).length])),
  );
});

test('one that ends half way has not come', async () => {
  const a = await world();
  const list = a.list.bind(a);
  a.list = (prefix, options) => {
    if (prefix.startsWith('_verified/') && options?.versions === 'all') throw new StoreError('retry', 'it went away');
    return list(prefix, options);
  };
  expect((await read(a, 3)).exit).toBe(EXIT.retry);
  expect(await newest(a, 4)).toBeUndefined();
});

test.each([
  ['denied', EXIT.permanent],
  ['retry', EXIT.retry],
] as const)('a reading that cannot be put on record says so: %s', async (kind, exit) => {
  const a = await world({
    fault: ({ step, key }) => {
      if (step === 'create' && key.includes('_full-read')) throw new StoreError(kind, 'may not create');
    },
  });
  const outcome = await read(a, 3);
  expect([outcome.exit, outcome.findings.map(({ message }) => message)]).toEqual([
    exit,
    [expect.stringMatching(/cannot be put on record: may not create/)],
  ]);
});

test('a bug while it is put on record is one', async () => {
  const a = await world({
    fault: ({ step, key }) => {
      if (step === 'create' && key.includes('_full-read')) throw new TypeError('a bug');
    },
  });
  await expect(read(a, 3)).rejects.toThrow('a bug');
});

test('the folder of a host is on nobody’s record', async () => {
  const local = new MemoryStore({ id: 'local' });
  expect((await read(local, 3)).exit).not.toBe(EXIT.permanent);
  expect(local.keys).toEqual([]);
});

test('the age is that of the newest start; from the future is none', async () => {
  const a = await world();
  await read(a, 3);
  await read(a, 10);
  await read(a, 400);
  expect(await ageAt(a, 11)).toEqual({ store: 'a', ageSeconds: 24 * HOUR, ever: true, allowedSeconds: ALLOWED });
});

test('a store that was never read is as old as what was first verified there', async () => {
  const a = await world();
  await takeBackup([a], { day: 2 });
  await read(a, 2, 'quick');
  expect(await ageAt(a, 2.1)).toEqual({ store: 'a', ageSeconds: 24 * HOUR, ever: false, allowedSeconds: ALLOWED });
  expect(await ageAt(new MemoryStore(), 2.1)).toBeUndefined();
});

test('what nobody needs any more does not make it older, though its entry stays for ever', async () => {
  const a = await world();
  await takeBackup([a], { day: 20 });
  await read(a, 20.1, 'quick');
  const age = async (day: number) => {
    const found = await ageAt(a, day);
    return found && Math.round(found.ageSeconds / HOUR);
  };
  // Each is kept for 30 days, and a reading may be old for as long.
  const late = ALLOWED / HOUR / 24;
  expect(await age(30.9 + late)).toBe(Math.round((29.8 + late) * 24));
  expect(await age(31 + late)).toBe(Math.round((10.9 + late) * 24));
  expect(await age(50 + late)).toBeUndefined();
});

test('readings that never come are missed, however short all is kept', async () => {
  const { a } = worldOf();
  for (let day = 1; day <= 30; day += 1) {
    await takeBackup([a], { day, retention: 3 });
    await read(a, day + 0.1, 'quick');
  }
  const age = await ageAt(a, 30.2);
  expect(overdueSeconds({ ages: [], fullReads: age ? [age] : [], unreachable: [] })).toBeGreaterThan(0);
});

test('what a later backup needs is needed, and counts', async () => {
  const { a } = worldOf();
  const parent = await takeBackup([a], { day: 1 });
  await read(a, 1.1, 'quick');
  await takeBackup([a], { day: 20, type: 'incremental', parent });
  await read(a, 20.1, 'quick');
  expect(await ageAt(a, 45.1)).toMatchObject({ ageSeconds: 44 * 24 * HOUR });
});

test('a data set that is not read by a schedule is not missed', async () => {
  expect(await ageAt(await world(), 99, copyTask)).toBeUndefined();
});

test('one week, 19 hours and a day after the last start it is overdue, and not before', async () => {
  const a = await world();
  await read(a, 3);
  const at = async (seconds: number) => {
    const age = await ageAt(a, 3 + seconds / 86_400);
    return overdueSeconds({ ages: [], fullReads: age ? [age] : [], unreachable: [] });
  };
  expect([await at(ALLOWED), await at(ALLOWED + 60)]).toEqual([0, 60]);
});

test('another store’s readings, which replication brought here, are not this one’s', async () => {
  const a = await world();
  const times = { startedAt: machineAt(9).now().toISOString(), endedAt: machineAt(9).now().toISOString() };
  const count = { backups: 1, bytes: 1, archived: { backups: 0, bytes: 0 }, findings: {} };
  const far = Object.assign(new MemoryStore({ id: 'far' }), { create: a.create.bind(a) });
  await writeFullRead({ store: far }, { task: 'test', ...times, ...count }, machineAt(9));
  expect(a.keys.some((key) => key.includes('_full-read/far/'))).toBe(true);
  expect(await ageAt(a, 10)).toMatchObject({ ever: false });
});

test('what cannot be read as one is passed over for an older one', async () => {
  const a = await world();
  await read(a, 3);
  await a.create('_verified/test/_full-read/a/20261225T000000Z-00.json', Buffer.from('{'), {});
  expect(await newest(a, 60)).toMatchObject({ startedAt: machineAt(3).now().toISOString() });
});

test('no reader of the ledger takes them for entries, even where a path begins with a placeholder', async () => {
  const a = await world();
  await read(a, 3);
  const place = { store: a, path: '' };
  const [ledger, first] = [await readLedger(place, 'test'), await readFirstLedger(place, 'test')];
  expect([ledger.entries.length, ledger.unreadable, first.entries.length, first.unreadable]).toEqual([1, [], 1, []]);
});

const days = (of: object) => longestSeconds({ ...fullRead, days: of } as Parameters<typeof longestSeconds>[0]) / 86_400;

test('the longest time between two starts of each schedule', () => {
  expect(days({ kind: 'all' })).toBe(1);
  expect(days({ kind: 'weekdays', weekdays: ['wednesday'] })).toBe(7);
  expect(days({ kind: 'weekdays', weekdays: ['saturday', 'monday', 'tuesday'] })).toBe(4);
  expect(days({ kind: 'month_day', monthDay: 28 })).toBe(31);
  expect(days({ kind: 'month_day', monthDay: 29 })).toBe(59);
  expect(days({ kind: 'not_month_day', monthDay: 1 })).toBe(2);
  expect(longestSeconds({ kind: 'interval', everySeconds: 900, offsetSeconds: 0 })).toBe(900);
});
