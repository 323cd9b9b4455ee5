import fc from 'fast-check';
import type { BackupType, TaskManifest } from '../../lib/contract';
import { agesIn } from '../../lib/runner/age';
import { chainOf, isFromFuture, ofThePast, sortHistory } from '../../lib/runner/chain';
import { chainExpiry, newestHistory } from '../../lib/runner/chain-expiry';
import { firstNeeded, firstVerified } from '../../lib/runner/full-read-age';
import { readLedger } from '../../lib/runner/history';
import { LedgerLook } from '../../lib/runner/ledger-look';
import { encodeLedgerEntry, encodeManifest } from '../../lib/runner/manifest';
import type { StoredManifest } from '../../lib/runner/manifest';
import { dataFolder, ledgerKey, runKeys } from '../../lib/runner/object-key';
import { PRUNE_ALLOWED_SECONDS, dueBackups, dueOrphans, pruneAge } from '../../lib/runner/prune-age';
import { slotDate } from '../../lib/runner/slot';
import type { StoredObject } from '../../lib/runner/store/store';
import { testRestoreAge } from '../../lib/runner/test-restore-age';
import { testTask } from '../suites/runner/engine-machine';
import { plannedRun } from './fake-run';
import { DAY, START, manifestOf } from './manifests';
import { MemoryStore } from './memory-store';

/** What a look says by the little that it reads is what all entries say; and how much it reads. */

const PATH = 'data/';
const HOUR = 3_600_000;
const KEPT = { full: 6, differential: 5, incremental: 4, log: 3 } as const;
const TYPES = ['full', 'differential', 'incremental', 'log'] as const;
const at = (day: number) => new Date(START + day * DAY);
const types = (...of: readonly BackupType[]) =>
  of.map((type) => plannedRun({ type, for: [type], retentionDays: KEPT[type as keyof typeof KEPT], lockDays: 0 }));
const taskOf = (...of: readonly BackupType[]): TaskManifest => testTask({ name: 'test', runs: types(...of) });
const task = taskOf(...TYPES);

interface Laid {
  readonly stored: StoredManifest;
  /** Hours after its slot. */
  readonly verifiedAfter?: number;
  readonly lies?: 'whole' | 'gone';
  /** Data beside its own. */
  readonly beside?: 'another attempt' | 'later';
}

async function lay(store: MemoryStore, { stored, verifiedAfter = 0, lies = 'whole', beside }: Laid): Promise<void> {
  const { manifest, bytes, sha256 } = stored;
  const slot = slotDate(manifest.slot) ?? at(0);
  const { manifest: key } = runKeys(PATH, manifest.slot, manifest.type, manifest.attempt);
  const own = `${dataFolder(key, manifest.attempt)}/files.0001`;
  const objects = [key, own].map((one) => ({ key: one, bytes: 1 }));
  const entry = encodeLedgerEntry({
    ...{ version: 1, store: store.id, manifestKey: key, manifestSha256: sha256, manifest: bytes.toString() },
    ...{ objects, method: 'head', verifiedAt: new Date(slot.getTime() + verifiedAfter * HOUR).toISOString() },
  });
  store.overwrite(ledgerKey('test', key), entry);
  if (lies === 'whole') for (const one of [own, key]) store.overwrite(one, Buffer.from('x'), slot);
  if (beside === 'later') store.overwrite(`${own}-too`, Buffer.from('x'), new Date(slot.getTime() + HOUR));
  if (beside === 'another attempt')
    store.overwrite(`${dataFolder(key, 'b'.repeat(16))}/files.0001`, Buffer.from('x'), slot);
}

async function storeOf(all: readonly Laid[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const one of all) await lay(store, one);
  return store;
}

interface Place {
  readonly store: MemoryStore;
  readonly path: string;
  readonly keptDays?: number;
}

/** All that a prober asks of one ledger. */
async function look(place: Place, of: TaskManifest, now: Date) {
  const ledger = await LedgerLook.at(place, 'test');
  const runs = of.runs.map(({ type, retentionDays }) => ({ type, retentionDays, allowedSeconds: 90_000 }));
  const ages = (await agesIn(place, of, now)).map(({ type, ageSeconds }) => [type, ageSeconds]);
  const expiry = chainExpiry(place, await newestHistory(ledger, place, now), runs, now);
  const pruned = (await pruneAge(place, of, ledger, now)).ageSeconds;
  return { ages, expiry, pruned, empty: await ledger.isEmpty() };
}

/** The same by everything that lies there. */
async function lookAtAll(place: Place, of: TaskManifest, now: Date) {
  const { entries } = await readLedger(place, 'test');
  const history = sortHistory(entries);
  const runs = of.runs.map(({ type, retentionDays }) => ({ type, retentionDays, allowedSeconds: 90_000 }));
  const ages = runs.map(({ type }) => {
    const mayCount = [...ofThePast(history, now)].reverse().filter((one) => [type, 'full'].includes(one.manifest.type));
    const slot = slotDate(mayCount.find((one) => chainOf(history, one))?.manifest.slot ?? '');
    return [type, slot && Math.floor((now.getTime() - slot.getTime()) / 1000)];
  });
  const then = new Date(now.getTime() - PRUNE_ALLOWED_SECONDS * 1000);
  const objects: StoredObject[] = [];
  for await (const one of place.store.list(PATH)) objects.push(one);
  const byKey = new Map(entries.map(({ entry }) => [entry.manifestKey, entry]));
  const due = [
    ...dueBackups(entries, objects, { place, task: of, then }),
    ...dueOrphans(byKey, objects, { task: of, then }),
  ].filter((one) => one <= then.getTime());
  return {
    ages,
    expiry: chainExpiry(place, history, runs, now),
    pruned: due.length > 0 ? Math.floor((now.getTime() - Math.min(...due)) / 1000) : 0,
    empty: entries.length === 0,
  };
}

const rarely = (weight: number) => fc.nat({ max: weight }).map((one) => one === weight);
const drawn = fc.record({
  quarters: fc.nat({ max: 80 }),
  type: fc.constantFrom<BackupType>(...TYPES),
  follows: fc.nat({ max: 9 }),
  lost: rarely(9),
  future: rarely(12),
  startsLate: rarely(12),
  degraded: rarely(5),
  lockDays: fc.constantFrom(0, 0, 2, 9),
  lies: fc.constantFrom('whole', 'whole', 'whole', 'gone'),
  beside: fc.constantFrom(undefined, undefined, undefined, 'later', 'another attempt'),
  verifiedAfter: fc.constantFrom(0, 1, 30, 70),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** Backups of any types at any times, after any that are older, with holes, wrong clocks, locks and what was pruned. */
function historyOf(all: readonly Drawn[], changedAt: number, keptBefore: number): readonly Laid[] {
  const laid: Laid[] = [];
  const sorted = [...new Map(all.map((one) => [one.quarters, one])).values()].sort((a, b) => a.quarters - b.quarters);
  for (const one of sorted) {
    const day = one.quarters / 4;
    const before = one.type === 'full' ? undefined : laid.at(-1 - (one.follows % 3))?.stored;
    const lost = manifestOf(day - 0.1, 'full', 3);
    const parent = one.type === 'full' ? undefined : one.lost ? lost : (before ?? laid.at(-1)?.stored ?? lost);
    const retention = KEPT[one.type as keyof typeof KEPT] + (day < changedAt ? keptBefore : 0);
    const stored = manifestOf(day, one.type, retention, parent, {
      lockedUntil: at(day + one.lockDays).toISOString(),
      ...(one.startsLate && { startedAt: at(day + 4).toISOString() }),
      ...(one.degraded && { degraded: [{ name: 'a', why: 'changed' }] }),
    });
    laid.push({ stored, ...one, verifiedAfter: one.future ? -30 : one.verifiedAfter } as Laid);
  }
  return laid;
}

const history = fc
  .tuple(fc.array(drawn, { maxLength: 40 }), fc.nat({ max: 20 }), fc.integer({ min: -2, max: 5 }))
  .map(([all, changedAt, keptBefore]) => historyOf(all, changedAt, keptBefore));

test('what a look says is what all entries say, whatever lies there', async () => {
  const asked = fc.record({
    laid: history,
    day: fc.integer({ min: 0, max: 120 }).map((one) => one / 4),
    keptDays: fc.constantFrom(undefined, undefined, 2, 8),
    of: fc.constantFrom(task, taskOf('full'), taskOf('full', 'log')),
  });
  let [told, unpruned, restorable] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(asked, async ({ laid, day, keptDays, of }) => {
      const place = { store: await storeOf(laid), path: PATH, ...(keptDays !== undefined && { keptDays }) };
      const all = await lookAtAll(place, of, at(day));
      expect(await look(place, of, at(day))).toEqual(all);
      told += 1;
      if (all.pruned > 0) unpruned += 1;
      if (all.expiry) restorable += 1;
    }),
    { numRuns: 400 },
  );
  // Neither answer is the only one that was compared.
  expect(unpruned).toBeGreaterThan(told / 20);
  expect(told - unpruned).toBeGreaterThan(told / 20);
  expect(restorable).toBeGreaterThan(told / 4);
});

test('what was needed first is what all entries say, but for what is from the future', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: -40, max: 80 }), async (laid, quarters) => {
      const place = { store: await storeOf(laid), path: PATH };
      const { entries } = await readLedger(place, 'test');
      const time = at(quarters / 4).getTime();
      const found = await firstNeeded(await LedgerLook.at(place, 'test'), time, undefined);
      const honest = entries.filter((one) => !isFromFuture(one, new Date(8.64e15)));
      if (honest.length === entries.length) expect(found).toBe(firstVerified(entries, time, undefined));
      else if (honest.length > 0)
        expect(found ?? Infinity).toBeLessThanOrEqual(firstVerified(honest, time, undefined) ?? Infinity);
    }),
    { numRuns: 400 },
  );
});

/** Fulls every other day and logs each hour for so many days, pruned when they may be; and the reads of a look. */
async function readsOf(days: number, changes: (store: MemoryStore) => Promise<void> = () => Promise.resolve()) {
  const runs = [
    plannedRun({ retentionDays: days, lockDays: 0 }),
    plannedRun({ type: 'log', for: ['log'], retentionDays: days, lockDays: 0 }),
  ];
  const of = { ...task, runs };
  const laid: Laid[] = [];
  let last: StoredManifest | undefined;
  const end = 2 * days + 1;
  for (let hour = 0; hour <= end * 24; hour += 1) {
    last = manifestOf(hour / 24, hour % 48 === 0 ? 'full' : 'log', days, hour % 48 === 0 ? undefined : last);
    // The chain of two days is held by its last log.
    const held = Math.ceil((hour + 1) / 48) * 48 - 1;
    laid.push({ stored: last, lies: held / 24 + days < end ? 'gone' : 'whole' });
  }
  const store = await storeOf(laid);
  await changes(store);
  const before = store.calls('read');
  const place = { store, path: PATH };
  const answer = await look(place, of, at(end));
  const reads = store.calls('read') - before;
  expect(answer).toEqual(await lookAtAll(place, of, at(end)));
  return { reads, answer, all: laid.length };
}

const CHAIN = 48;

test('a look reads chains, and not what retention keeps nor what was pruned before', async () => {
  const [short, long] = [await readsOf(10), await readsOf(40)];
  expect(long.all).toBeGreaterThan(1900);
  expect(long.answer).toMatchObject({
    pruned: 0,
    ages: [
      ['full', 86_400],
      ['log', 0],
    ],
  });
  // Ages have a look of their own here: the newest chain twice, the rest of the oldest, and what holds it.
  expect(short.reads).toBeLessThan(4 * CHAIN + 64);
  expect(long.reads).toBe(short.reads);
});

test('what is dated after the look costs nothing, and makes nothing younger', async () => {
  const plain = await readsOf(10);
  const flooded = await readsOf(10, async (store) => {
    for (let hour = 1; hour <= 300; hour += 1)
      await lay(store, { stored: manifestOf(21 + hour / 24, 'full', 9), verifiedAfter: -hour, lies: 'gone' });
  });
  expect(flooded).toMatchObject({ reads: plain.reads, answer: plain.answer });
});

test('backups that do not count are read once each, and not without an end', async () => {
  const store = await storeOf([{ stored: manifestOf(0, 'full', 90) }]);
  for (let hour = 1; hour <= 300; hour += 1) {
    const lost = manifestOf(0.5 + hour / 10_000, 'full', 9);
    await lay(store, { stored: manifestOf(1 + hour / 24, 'log', 90, lost), lies: 'gone' });
  }
  const place = { store, path: PATH };
  const [newest] = (await (await LedgerLook.at(place, 'test')).newestChain(['log', 'full'], at(20))) ?? [];
  expect(newest?.manifest.slot).toBe(manifestOf(0, 'full', 9).manifest.slot);
  expect(store.calls('read')).toBe(301);
  const bound = await LedgerLook.at(place, 'test', 200);
  await expect(bound.newestChain(['log', 'full'], at(20))).rejects.toMatchObject({ kind: 'refused' });
  expect(store.calls('read')).toBeLessThanOrEqual(301 + 200);
});

test('what names another parent than its hash is of counts for nothing, nor does an entry under another name', async () => {
  const [full, other] = [manifestOf(0, 'full', 90), manifestOf(1, 'full', 90)];
  const honest = manifestOf(2, 'log', 90, full);
  const { slot, type } = other.manifest;
  const forged = encodeManifest({
    ...honest.manifest,
    slot: manifestOf(3, 'log', 9).manifest.slot,
    parent: { slot, type, sha256: full.sha256 },
  });
  const store = await storeOf([full, other, honest, forged].map((stored) => ({ stored })));
  const newest = async () =>
    (await (await LedgerLook.at({ store, path: PATH }, 'test')).newestChain(['log'], at(5)))?.map(
      ({ sha256 }) => sha256,
    );
  expect(await newest()).toEqual([full.sha256, honest.sha256]);
  const [from = ''] = store.keys.filter((key) => key.startsWith('_verified/') && key.includes(honest.manifest.slot));
  store.overwrite(from.replace(honest.manifest.slot, manifestOf(4, 'log', 9).manifest.slot), store.bytesOf(from));
  expect(await newest()).toEqual([full.sha256, honest.sha256]);
  await store.remove(from, undefined);
  expect(await newest()).toBeUndefined();
});

test('what prunes left of a time of shorter retention is told when the longer one has passed', async () => {
  const fulls = Array.from({ length: 13 }, (_, day) => manifestOf(day, 'full', day === 1 ? 2 : 9));
  const place = { store: await storeOf(fulls.map((stored) => ({ stored }))), path: PATH };
  const of = testTask({ name: 'test', runs: [plannedRun({ retentionDays: 9, lockDays: 0 })] });
  const left = async (day: number) =>
    (await pruneAge(place, of, await LedgerLook.at(place, 'test'), at(day))).ageSeconds / 86_400;
  // What is there and older is kept for nine days, so nothing tells of the second one, which could go on the third day.
  expect([await left(11), (await lookAtAll(place, of, at(11))).pruned / 86_400]).toEqual([0, 8]);
  expect(await left(12)).toBe(9);
});

test('nobody knows of a test restore where a ledger that would tell is not read to its end', async () => {
  const schedule = { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 } as const;
  const of = { ...task, validation: { ...task.validation, testRestore: { schedule } } } as TaskManifest;
  const store = await storeOf([0, 1, 2].map((day) => ({ stored: manifestOf(day, 'full', 90) })));
  const place = { store, path: PATH };
  const ask = async (most?: number) =>
    testRestoreAge([{ place, ledger: await LedgerLook.at(place, 'test', most) }], of, at(60));
  expect(await ask()).toMatchObject({ ever: false, ageSeconds: 60 * 86_400 });
  expect(await ask(2)).toEqual({ why: expect.stringContaining('more than 2 entries'), worthRetry: false });
});

test('what hangs on the full of the newest chain, and is in another one, keeps it', async () => {
  const full = manifestOf(0, 'full', 6);
  const laid = [full, manifestOf(1, 'differential', 90, full), manifestOf(2, 'log', 3, full)];
  const place = { store: await storeOf(laid.map((stored) => ({ stored }))), path: PATH };
  const { expiry } = await look(place, task, at(3));
  expect(expiry?.leftSeconds).toBe(88 * 86_400);
});
