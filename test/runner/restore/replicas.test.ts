import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { readablePlacesOf } from '../../../lib/runner/places';
import type { OpenForReading } from '../../../lib/runner/restore/places';
import { restorable } from '../../../lib/runner/restore/restorable';
import { restore } from '../../../lib/runner/restore/restore';
import { MemoryStore } from '../memory-store';
import { PATH, dataOf, machineAt, makeTarHistory, must, opening, task, worldOf } from './world';
import type { TarHistory } from './world';

/** What replication fills is read where its source is gone, and only there. */

let history: TarHistory;
beforeAll(async () => (history = await makeTarHistory()));
afterAll(() => history.stop());

const [own] = task.stores;
const replica = { store: 'b', of: 'a', region: 'r', bucket: 'dr', path: PATH };
const replicated = { ...task, stores: own ? [own] : [], replicas: [replica] };

/** `a` is the task's own, `b` its replica; what was opened is kept. */
function world(a: MemoryStore, b: MemoryStore, down: readonly string[]) {
  const opened: string[] = [];
  const open: OpenForReading = (asked, machine, only, which) => {
    opened.push(which);
    return opening([which === 'copies' ? a : b], down)(asked, machine, only, which);
  };
  return { opened, open };
}

async function storesOf(down: readonly string[], only?: readonly string[]) {
  const { a, b } = await worldOf(history);
  const { opened, open } = world(a, b, down);
  const { answer } = await restorable(replicated, machineAt(5), only, open);
  const stores = [...new Set(answer.points.flatMap((one) => one.stores.map(({ store }) => store)))];
  return { opened, stores, points: answer.points.length, unreachable: answer.unreachable.map(({ store }) => store) };
}

test('while the store itself answers, nobody asks its replica', async () => {
  expect(await storesOf([])).toEqual({ opened: ['copies'], stores: ['a'], points: 5, unreachable: [] });
});

test('where the store is gone its replica has every point, and the loss is said', async () => {
  expect(await storesOf(['a'])).toMatchObject({ stores: ['b'], points: 5, unreachable: ['a'] });
});

test('where the store answers and has nothing any more its replica is asked too', async () => {
  const { b } = await worldOf(history);
  const { opened, open } = world(new MemoryStore({ id: 'a' }), b, []);
  const { answer } = await restorable(replicated, machineAt(5), undefined, open);
  expect([opened, answer.points.length]).toEqual([['copies', 'replicas'], 5]);
});

test('where both are gone both are named', async () => {
  expect(await storesOf(['a', 'b'])).toMatchObject({ points: 0, unreachable: ['a', 'b'] });
});

test('a replica that is named is asked', async () => {
  expect(await storesOf([], ['b'])).toMatchObject({ stores: ['b'], points: 5 });
});

test('of damage in the store the replica is named, and has it whole', async () => {
  const { a, b, backups } = await worldOf(history);
  a.spoil(must(dataOf(a, must(backups[4]))[0]), (bytes) => Buffer.from(bytes.map((one) => one ^ 1)));
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-replica-'));
  const attempt = (name: string, only?: readonly string[]) =>
    restore(
      replicated,
      {
        ...{ wish: { kind: 'latest' }, mode: 'restore', target: path.join(folder, name), only },
        ...{ databases: undefined, replace: [], globals: 'left out', owners: 'kept' },
      },
      machineAt(5),
      { open: world(a, b, []).open },
    );
  try {
    const report = await attempt('first');
    expect([report.exit, report.why]).toEqual([
      EXIT.damaged,
      expect.stringMatching(/; a replica may have it whole: --store b$/),
    ]);
    expect(await attempt('second', ['b'])).toMatchObject({ exit: EXIT.success, store: 'b' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('places that can be read are the own ones and the replicas', () => {
  expect(readablePlacesOf(replicated)).toEqual(['a', 'b']);
});
