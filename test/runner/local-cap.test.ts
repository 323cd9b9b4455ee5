import type { TaskManifest } from '../../lib/contract';
import { restorableAt } from '../../lib/runner/elsewhere';
import type { StoredManifest } from '../../lib/runner/manifest';
import { runKeys } from '../../lib/runner/object-key';
import { prunePlace } from '../../lib/runner/prune-place';
import { DAY, START } from './manifests';
import { MemoryStore } from './memory-store';
import { machineAt, takeBackup, task, verify } from './copy/world';
import { plannedRun } from './fake-run';

/** `max_size` of a local folder: what goes for it, and what stays whatever it takes. */

const now = () => new Date(START + 2 * DAY);
const stores = () => ({
  local: new MemoryStore({ id: 'local', encryption: 'none', locks: 'none', versions: 'none', now }),
  a: new MemoryStore({ id: 'a', now }),
  b: new MemoryStore({ id: 'b', now }),
});
type Stores = ReturnType<typeof stores>;

/** Two chains of a full and an increment, and a full that is the newest, everywhere. */
async function filled(where: Partial<Record<'older' | 'old' | 'new', readonly (keyof Stores)[]>> = {}) {
  const all = stores();
  const into = (names: readonly (keyof Stores)[] = ['local', 'a', 'b']) => names.map((one) => all[one]);
  const chain = async (day: number, names?: readonly (keyof Stores)[]) => {
    const full = await takeBackup(into(names), { day });
    return [full, await takeBackup(into(names), { day: day + 1, type: 'incremental', parent: full })];
  };
  const older = await chain(0, where.older);
  const old = await chain(2, where.old);
  const newest = [await takeBackup(into(where.new), { day: 4 })];
  for (const store of Object.values(all)) await verify(store, 5);
  return { all, older, old, newest };
}

const bytesIn = async (store: MemoryStore) => {
  let bytes = 0;
  for await (const object of store.list('')) if (!object.key.startsWith('_')) bytes += object.bytes;
  return bytes;
};

async function pruneTo(
  maxBytes: number,
  { local, a, b }: Stores,
  { mode = 'remove', ...changes }: Partial<TaskManifest> & { readonly mode?: 'remove' | 'dry-run' } = {},
) {
  const bounded: TaskManifest = {
    ...task,
    runs: [plannedRun()],
    local: { id: 'l', from: [], path: '/nowhere', maxBytes },
    ...changes,
  };
  const restorable = async () => {
    const seen = new Map<string, ReadonlySet<string>>();
    for (const store of [a, b].filter((one) => bounded.stores.some(({ store: id }) => id === one.id)))
      seen.set(store.id, await restorableAt({ store, path: 'data/test/' }, 'test'));
    return seen;
  };
  const { lines, cap } = await prunePlace({ store: local, path: '' }, bounded, mode, machineAt(5), restorable);
  return { lines, cap, fate: (one: StoredManifest) => lines.find(({ key }) => key === keyOf(one)) };
}

const keyOf = ({ manifest: { slot, type, attempt } }: StoredManifest) => runKeys('', slot, type, attempt).manifest;

test('within its bound nothing goes, and no store is asked', async () => {
  const { all } = await filled();
  const lists = all.a.calls('list');
  const { cap, lines } = await pruneTo(await bytesIn(all.local), all);
  expect(cap).toBe('kept');
  expect(lines.every((one) => one.fate === 'kept')).toBe(true);
  expect(all.a.calls('list')).toBe(lists);
});

test('the oldest whole chain goes first, with all its data, and no more than is needed', async () => {
  const { all, older, old } = await filled();
  const bound = (await bytesIn(all.local)) - 1;
  const { cap, fate } = await pruneTo(bound, all);
  expect(cap).toBe('kept');
  for (const one of older)
    expect(fate(one)).toMatchObject({ fate: 'removed', why: expect.stringContaining('a, b can restore it') });
  for (const one of old) expect(fate(one)?.fate).toBe('kept');
  expect(all.local.keys.filter((key) => key.startsWith('20261122') || key.startsWith('20261123'))).toEqual([]);
  expect(await bytesIn(all.local)).toBeLessThanOrEqual(bound);
});

test('the newest chain stays, whatever it takes', async () => {
  const { all, newest, old } = await filled();
  const { cap, fate, lines } = await pruneTo(1, all);
  expect(cap).toBe('exceeded');
  for (const one of old) expect(fate(one)?.fate).toBe('removed');
  expect(fate(newest[0]!)).toMatchObject({ fate: 'kept', why: 'over max_size, but it belongs to the newest chain' });
  expect(lines.at(-1)?.why).toMatch(/^max_size is 1 bytes, and \d+ have to stay$/);
});

test.each([
  ['lacks in one of them', { older: ['local', 'a'] as const }],
  ['lies in no store', { older: ['local'] as const }],
])('a chain that %s stays until it is there, and the next one goes instead', async (_name, where) => {
  const { all, older, old } = await filled(where);
  const { fate } = await pruneTo((await bytesIn(all.local)) - 1, all);
  for (const one of older) {
    expect(fate(one)).toMatchObject({ fate: 'kept', why: expect.stringContaining('copy and verify there first') });
  }
  for (const one of old) expect(fate(one)?.fate).toBe('removed');
});

test('what a store verified once and lost since does not count as being there', async () => {
  const { all, older } = await filled();
  const lost = all.b.keys.find((key) => key.startsWith('data/test/20261122') && key.endsWith('.0003')) ?? '';
  await all.b.remove(lost, (await all.b.head(lost))?.version);
  const { fate } = await pruneTo((await bytesIn(all.local)) - 1, all);
  for (const one of older)
    expect(fate(one)).toMatchObject({ fate: 'kept', why: expect.stringContaining('not verified in b') });
});

test('an increment whose full a store lacks can not be restored there', async () => {
  const all = stores();
  const full = await takeBackup([all.local, all.a], { day: 0 });
  const increment = await takeBackup([all.local, all.a, all.b], { day: 1, type: 'incremental', parent: full });
  await takeBackup([all.local, all.a, all.b], { day: 4 });
  for (const store of Object.values(all)) await verify(store, 5);
  const { fate } = await pruneTo(1, all);
  expect(fate(increment)?.fate).toBe('kept');
});

test('what is not verified here stays, and so does what it follows', async () => {
  const { all, older } = await filled();
  const late = await takeBackup([all.local], { day: 4, type: 'incremental', parent: older[1]! });
  const { fate } = await pruneTo((await bytesIn(all.local)) - 1, all);
  for (const one of older)
    expect(fate(one)).toMatchObject({ fate: 'kept', why: expect.stringContaining('not verified yet') });
  expect(all.local.keys).toContain(keyOf(late));
});

test('nothing goes when a store can not say what it holds, while the task is overdue, or when it has no store', async () => {
  const { all } = await filled();
  const machine = machineAt(5);
  const bounded: TaskManifest = { ...task, runs: [plannedRun()], local: { id: 'l', from: [], path: '/', maxBytes: 1 } };
  const dark = () => Promise.resolve({ why: 'b is down' });
  const unknown = await prunePlace({ store: all.local, path: '' }, bounded, 'remove', machine, dark);
  expect(unknown.cap).toBe('unknown');
  expect(unknown.lines.every((one) => one.fate === 'kept')).toBe(true);
  expect(unknown.lines.at(-1)?.why).toContain('b is down');

  const late = await prunePlace({ store: all.local, path: '' }, bounded, 'remove', machineAt(20), () =>
    Promise.resolve(new Map()),
  );
  expect(late.lines.filter((one) => one.fate !== 'kept')).toEqual([]);
  expect(late.lines[0]?.why).toContain('the task is overdue');

  const alone = await pruneTo(1, all, { stores: [] });
  expect(alone.lines.filter((one) => one.fate !== 'kept')).toEqual([]);
  expect(alone.lines[0]?.why).toContain('no store that holds it too');
});

test('a dry run says it and removes nothing', async () => {
  const { all, older } = await filled();
  const before = all.local.keys;
  const { fate } = await pruneTo((await bytesIn(all.local)) - 1, all, { mode: 'dry-run' });
  expect(fate(older[0]!)?.fate).toBe('would remove');
  expect(all.local.keys).toEqual(before);
});
