import { isMarked, pastTheirTime } from '../../../lib/runner/past-time';
import { readLedger } from '../../../lib/runner/history';
import { surveyPlace } from '../../../lib/runner/restore/survey';
import { verifyPlace } from '../../../lib/runner/verify-place';
import { versionsUnder } from '../../../lib/runner/versions';
import { START, DAY } from '../manifests';
import { PATH, machineAt, manifestKeyOf, takeBackup, task, worldOf } from '../copy/world';
import type { MemoryStore } from '../memory-store';

/** A bucket's lifecycle is the backstop of prune: what it does after the time of a backup is no tampering. */

/** Two fulls of ten days each, the older one ten days before the other, both verified. */
async function twoFulls() {
  const { a } = worldOf();
  const old = await takeBackup([a], { day: 0, retention: 10 });
  const next = await takeBackup([a], { day: 10, retention: 10 });
  await verifyPlace({ store: a, path: PATH }, task, machineAt(10));
  return { a, old, next, keysOf: (slot: string) => a.keys.filter((key) => key.startsWith(`${PATH}${slot}`)) };
}

async function marked(store: MemoryStore, keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.remove(key, undefined);
}

async function said(store: MemoryStore, day: number, keptDays?: number) {
  const place = { store, path: PATH, keptDays };
  const { findings } = await verifyPlace(place, task, machineAt(day));
  const { sound, lost, suspected } = await surveyPlace(
    place,
    { ...task, engine: 'files' },
    new Date(START + day * DAY),
  );
  return {
    findings: [...new Set(findings.map(({ kind }) => kind))],
    sound: sound.map(({ manifest }) => manifest.slot.slice(6, 8)),
    lost: lost.length,
    suspected: suspected.length,
  };
}

test('markers over a backup before its time are tampering, after it nothing to tell of', async () => {
  const { a, old, keysOf } = await twoFulls();
  await marked(a, keysOf(old.manifest.slot));
  expect(await said(a, 9)).toMatchObject({ findings: ['tampered'], sound: ['22', '02'], lost: 0 });
  expect((await said(a, 9)).suspected).toBeGreaterThan(0);
  expect(await said(a, 11)).toEqual({ findings: [], sound: ['22', '02'], lost: 0, suspected: 0 });
});

test('what the store keeps by its own number is missed until then, after the retention of its type', async () => {
  const { a, old, keysOf } = await twoFulls();
  await marked(a, keysOf(old.manifest.slot));
  expect(await said(a, 11, 30)).toMatchObject({ findings: ['tampered'], sound: ['22', '02'], lost: 0 });
  for (const key of keysOf(old.manifest.slot)) a.overwrite(key, Buffer.alloc(0));
  for await (const one of a.list(`${PATH}${old.manifest.slot}`, { versions: 'all' }))
    await a.remove(one.key, one.version);
  expect(await said(a, 11, 30)).toMatchObject({ findings: ['missing'], lost: 1 });
  expect(await said(a, 31, 30)).toEqual({ findings: [], sound: ['02'], lost: 0, suspected: 0 });
});

test('data that has a marker a day before its manifest is nothing to tell of either', async () => {
  const { a, old, keysOf } = await twoFulls();
  await marked(
    a,
    keysOf(old.manifest.slot).filter((key) => !key.endsWith('.json')),
  );
  expect(await said(a, 11)).toEqual({ findings: [], sound: ['22', '02'], lost: 0, suspected: 0 });
});

test('the newest chain is missed whatever its time: prune and lifecycle leave it alone', async () => {
  const { a, next, keysOf } = await twoFulls();
  await marked(a, keysOf(next.manifest.slot));
  expect(await said(a, 40)).toMatchObject({ findings: ['tampered'], sound: ['22', '02'] });
  const { entries } = await readLedger({ store: a, path: PATH }, task.name);
  expect([...pastTheirTime(entries, new Date(START + 40 * DAY), undefined)]).toHaveLength(1);
});

test('what a lifecycle has begun to remove after its time is not listed, and no loss', async () => {
  const { a, old, keysOf } = await twoFulls();
  const [first = ''] = keysOf(old.manifest.slot).filter((key) => !key.endsWith('.json'));
  await marked(a, keysOf(old.manifest.slot));
  for await (const one of a.list(first, { versions: 'all' }))
    if (!one.deleteMarker) await a.remove(one.key, one.version);
  expect(await said(a, 11)).toEqual({ findings: [], sound: ['02'], lost: 0, suspected: 0 });
});

test('without a marker on its manifest a backup that lost its data is missed at any time', async () => {
  const { a, old, keysOf } = await twoFulls();
  const [first = ''] = keysOf(old.manifest.slot).filter((key) => !key.endsWith('.json'));
  for await (const one of a.list(first, { versions: 'all' })) await a.remove(one.key, one.version);
  expect(await said(a, 11)).toMatchObject({ findings: ['missing'], sound: ['02'], lost: 1 });
});

test('a manifest is marked where the newest of its versions is a marker', async () => {
  const { a, old } = await twoFulls();
  const [entry] = (await readLedger({ store: a, path: PATH }, task.name)).entries;
  if (!entry) throw new Error('no entry');
  expect(isMarked(entry.entry, await versionsUnder({ store: a, path: PATH }))).toBe(false);
  await a.remove(manifestKeyOf(old), undefined);
  expect(isMarked(entry.entry, await versionsUnder({ store: a, path: PATH }))).toBe(true);
});
