import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskStore } from '../../lib/contract';
import { EXIT } from '../../lib/runner/exit-code';
import { run } from '../../lib/runner/program';
import type { Store } from '../../lib/runner/store/store';
import { PATH, machineAt, takeBackup, task, verify, worldOf } from './copy/world';
import { plannedRun } from './fake-run';
import { DAY, START } from './manifests';
import type { MemoryStore } from './memory-store';

/** One task, two of its stores: one goes by the retention of the types, the other keeps for longer by its own lifecycle. */

const stores = new Map<string, Store>();
jest.mock('../../lib/runner/store/open', () => ({
  openStore: ({ store }: TaskStore) => Promise.resolve(stores.get(store)),
}));

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-kept-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function call(command: string, day: number, ...more: readonly string[]) {
  const node = { id: 'n', from: [] };
  const place = { ...node, cloud: 'aws', region: 'r', bucket: 'b', path: PATH };
  const file = path.join(folder, 'task.json');
  const own = [
    { ...place, store: 'a' },
    { ...place, store: 'b', keptDays: 2555 },
  ];
  writeFileSync(file, JSON.stringify({ ...task, runs: [plannedRun()], stores: own, copies: [] }));
  const out: string[] = [];
  const output = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void out.push(text) };
  return { exit: await run([command, '--task', file, ...more], machineAt(day), output), out: out.join('') };
}

/** Fulls of the first, eighth and ninth day, for three days each, verified in both stores. */
async function threeFulls() {
  const { a, b } = worldOf();
  for (const day of [0, 8, 9]) await takeBackup([a, b], { day, retention: 3 });
  for (const store of [a, b]) {
    await verify(store, 9);
    stores.set(store.id, store);
  }
  return { a, b };
}

const daysIn = (store: MemoryStore) =>
  store.keys
    .filter((key) => key.startsWith(PATH) && key.endsWith('.json'))
    .map((key) => key.slice(PATH.length + 6, PATH.length + 8));

test('prune takes what the types need no more, and nothing of the store that keeps it for seven years', async () => {
  const { a, b } = await threeFulls();
  const { exit, out } = await call('prune', 9.1);
  expect(exit).toBe(EXIT.success);
  expect([daysIn(a), daysIn(b)]).toEqual([
    ['30', '01'],
    ['22', '30', '01'],
  ]);
  expect(out).toContain(
    'kept          b  data/test/20261122T021500Z-full.manifest.json: retention ends 2033-11-20T02:15:00.000Z',
  );
});

test('list and restorable say until when each store keeps a backup', async () => {
  await threeFulls();
  const [short, long] = [3, 2555].map((days) => new Date(START + days * DAY).toISOString());
  const first = async (command: string) => {
    const { out } = await call(command, 9.1, '--format', 'json');
    return out.split('\n').flatMap((line) => /"expiresAt": "(.*)"/.exec(line)?.[1] ?? []);
  };
  expect((await first('list')).filter((one) => one === short || one === long)).toEqual([short, long]);
  expect((await first('restorable'))[0]).toBe(long);
});
