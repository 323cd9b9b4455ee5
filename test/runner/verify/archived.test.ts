import type { TaskManifest } from '../../../lib/contract';
import { linesOf } from '../../../lib/runner/command/verify';
import { EXIT } from '../../../lib/runner/exit-code';
import { verify } from '../../../lib/runner/verify';
import { PATH, machineAt, manifestKeyOf, takeBackup, task as copyTask, worldOf } from '../copy/world';
import { plannedRun } from '../fake-run';
import { freeze } from '../freeze';
import type { MemoryStore } from '../memory-store';

/** `verify` of backups that a lifecycle has moved into an archive. */

const task: TaskManifest = { ...copyTask, engine: 'files', runs: [plannedRun()] };

async function look(store: MemoryStore, depth: 'quick' | 'full' = 'full', day = 2.1) {
  const open = () => Promise.resolve({ places: [{ store, path: PATH }], dropped: [], worthRetry: false });
  const { exit, findings, read, verified } = await verify(task, machineAt(day), { only: undefined, depth, open });
  return { exit, read, verified, kinds: findings.map(({ kind }) => kind), findings };
}

async function twoFulls() {
  const { a } = worldOf();
  const [first, second] = [await takeBackup([a], { day: 1 }), await takeBackup([a], { day: 2 })];
  await look(a, 'quick');
  const ofFirst = (key: string) => key.startsWith(`${PATH}${first.manifest.slot}`);
  return { a, first, second, ofFirst };
}

test('they are not read and not asked for, their bytes are counted, and that alone is no failure', async () => {
  const { a, ofFirst } = await twoFulls();
  const frozen = freeze(a, ofFirst);
  const ledger = a.keys.filter((key) => key.startsWith('_')).map((key) => a.bytesOf(key).toString());
  const found = await look(a);
  expect(found).toMatchObject({ exit: EXIT.success, kinds: [] });
  expect(found.read).toEqual({ backups: 1, bytes: 3500, archived: { backups: 1, bytes: 3500 } });
  expect([frozen.asked, frozen.inVain]).toEqual([[], 0]);
  const entries = a.keys.filter((key) => key.startsWith('_') && !key.includes('_full-read'));
  expect(entries.map((key) => a.bytesOf(key).toString())).toEqual(ledger);
});

test('the same where a list does not tell it: a look does, which is made anyway', async () => {
  const { a, ofFirst } = await twoFulls();
  const frozen = freeze(a, ofFirst, { lists: 'silent' });
  expect(await look(a)).toMatchObject({ exit: EXIT.success, read: { backups: 1, archived: { backups: 1 } } });
  expect(frozen.inVain).toBe(0);
});

test('and where only the read tells it, that is no damage', async () => {
  const { a, ofFirst } = await twoFulls();
  freeze(a, ofFirst, { lists: 'silent', heads: 'silent' });
  const found = await look(a);
  expect(found).toMatchObject({ exit: EXIT.success, kinds: [], read: { backups: 1, archived: { backups: 1 } } });
});

test('what the store knows of them is judged all the same', async () => {
  const { a, ofFirst } = await twoFulls();
  freeze(a, ofFirst);
  const [segment = ''] = a.keys.filter((key) => ofFirst(key) && key.endsWith('.0002'));
  a.spoil(segment, (bytes) => bytes.fill(0));
  expect(await look(a)).toMatchObject({ exit: EXIT.damaged });
  const gone = await twoFulls();
  freeze(gone.a, gone.ofFirst);
  const [other = ''] = gone.a.keys.filter((key) => gone.ofFirst(key) && key.endsWith('.0002'));
  await gone.a.remove(other, (await gone.a.head(other))?.version);
  expect((await look(gone.a, 'quick')).kinds).toEqual(['missing']);
});

test('of a backup that is there in part, streams that can be read are', async () => {
  const { a, ofFirst } = await twoFulls();
  freeze(a, (key) => ofFirst(key) && key.endsWith('.manifest.json'));
  expect((await look(a)).read).toEqual({ backups: 2, bytes: 7000, archived: { backups: 0, bytes: 0 } });
});

test('a manifest, or a copy, that went there before anybody verified it is said, and harms nothing', async () => {
  const { a } = worldOf();
  const first = await takeBackup([a], { day: 1 });
  freeze(a, (key) => key === manifestKeyOf(first));
  expect(await look(a, 'quick')).toMatchObject({ exit: EXIT.degraded, kinds: ['archived'], verified: [] });
  const { b, far } = worldOf();
  await takeBackup([b], { day: 1 });
  for (const key of b.keys) await far.create(key, b.bytesOf(key), {});
  freeze(far, (key) => /[.][0-9]{4}$/.test(key));
  expect(await look(far, 'quick')).toMatchObject({ exit: EXIT.degraded, kinds: ['archived'], verified: [] });
});

test('the command says how many were not read, and what vouches for them', async () => {
  const { a, ofFirst } = await twoFulls();
  freeze(a, ofFirst);
  const open = () => Promise.resolve({ places: [{ store: a, path: PATH }], dropped: [], worthRetry: false });
  const outcome = await verify(task, machineAt(2.1), { only: undefined, depth: 'full', open });
  expect(linesOf(outcome)).toEqual([
    '0 newly verified, 2 verified before, 0 findings',
    '1 backups read in full, 3.5 kB',
    '1 in an archive and not read, 3.5 kB: verified by what the store knows',
  ]);
});
